// What the players of a page share, so that a page with many of them is soon ready.

// By its text, the style of all players that have the same: one of their own would be matched with every cell of the page.
// It belongs to the page, not to a player, which may be taken away; a page that is saved has their own again.
function shareStyle(root) {
  const {sheet, textContent: text} = root.querySelector("style"), shared = window.convlabPlayers;
  if (!shared[text]) {
    shared[text] = new CSSStyleSheet();
    shared[text].replaceSync(text);
    document.adoptedStyleSheets.push(shared[text]);
  }
  sheet.disabled = true;
}

// While a page loads, a player waits, and is laid out near the window only. It is brought to life when it comes near, when
// a key is pressed or the page printed, or else when the page has nothing to do; those that are linked together.
function wait(root, upgrade) {
  const wake = (near) => {
    for (const one of root.closest(".cl-linked")?.children || [root]) {
      if (near) one.classList.remove("waiting");
      one.wake?.(one);
    }
  };
  root.classList.add("waiting");
  root.wake = upgrade;
  new IntersectionObserver((seen, near) => {
    if (seen.some((one) => one.isIntersecting)) {
      near.disconnect();
      wake(true);
    }
  }, {rootMargin: "50%"}).observe(root);
  addEventListener("keydown", () => wake(), {once: true, capture: true});
  addEventListener("beforeprint", wake, {once: true});
  (window.requestIdleCallback || setTimeout)(() => wake());
}
