// What the players of a page share, so that a page with many of them is soon ready.

// One style for all of one version: each of their own would be matched with every cell of the page. It belongs to the
// page, not to a player, which may be taken away; a page that is saved has their own again.
function shareStyle(root) {
  const {sheet, textContent: text} = root.querySelector("style"), known = document.adoptedStyleSheets;
  if (!known.some((one) => one.convlab === text)) {
    const shared = Object.assign(new CSSStyleSheet(), {convlab: text});
    shared.replaceSync(text);
    document.adoptedStyleSheets = [...known, shared];
  }
  if (sheet) sheet.disabled = true;
}

// A player is brought to life when it is near the window, when it is to be printed or reached by Tab, or else when
// the page has nothing else to do; those that are linked together.
function wait(root) {
  const over = new AbortController(), {signal} = over;
  root.wake = () => {
    if (signal.aborted) return;
    over.abort();
    near.disconnect();
    upgrade(root);
  };
  const now = () => {
    for (const one of root.closest(".cl-linked")?.children || [root]) one.wake?.();
  };
  const near = new IntersectionObserver((all) => all.some((one) => one.isIntersecting) && now(), {rootMargin: "50%"});
  near.observe(root);
  window.addEventListener("beforeprint", now, {signal});
  window.addEventListener("keydown", ({key}) => key === "Tab" && now(), {signal, capture: true});
  (window.requestIdleCallback || setTimeout)(now, {timeout: 1000});
}
