// The buttons and lists: what moves the kernel stands open, the rest unfolds.

function buildControls() {
  const button = (name) => "<button type=button name=" + name + ">" + words(name) + "</button>";
  const option = ([value, text = value]) =>
    "<option value='" + value + "'" + (value === speed ? " selected" : "") + ">" + text;
  const choice = (name, options) =>
    "<label>" + words(name) + " <select name=" + name + ">" + options.map(option).join("") + "</select></label>";
  const most = Math.min(given.image.rows, given.image.columns);
  const fits = ({length}) => length <= most && (!data.panel || length + "×" + length === size(given.kernel));
  const presets = Object.keys(data.presets).filter((name) => fits(data.presets[name]));
  const tools = {
    speed: choice("speed", [[1200, words("slow")], [500, words("medium")], [150, words("fast")]]),
    preset: choice("preset", [["", words("given")], ...presets.map((name) => [name])]) + button("flip"),
    stride: choice("stride", [[1], [2], [3]]),
    padding: choice("padding", [[0], [1], [2]]),
  };
  const these = (names) => names.map((name) => tools[name]).join("");
  const moves = ["first", "previous", "play", "next", "last"].map(button).join("");
  // made outside the page, and chosen in as it is made: a browser that fills in forms looks at each list whose choice changes
  // on a page, and lays out for it even what is far from the window
  const made = document.createElement("template");
  made.innerHTML = "<div class='cl-bar cl-controls'><div role=group aria-label='"
    + words("moves") + "' class='cl-moves cl-controls'>" + moves
    + "<label>" + words("position") + " <input name=position type=range min=1></label>"
    + "<label><input name=build type=checkbox> " + words("build") + "</label>" + (data.yours ? button("wrong") : "")
    + "</div>" + these(data.open) + button("reset") + "</div>"
    + (data.folded[0] ? "<details class=cl-more><summary>" + data.more
      + "</summary><div role=group aria-label='" + words("change") + "' class=cl-controls>"
      + these(data.folded) + "</div></details>" : "")
    + "<p class=cl-help></p><p class=cl-status role=status aria-live=polite></p>";
  $(".cl-tables").before(made.content);
}

// A button that cannot act is disabled, but not while it has the focus, which would be lost.
function allow() {
  const last = shown.values.length - 1, elsewhere = wrong.some((off, n) => off && n !== at);
  const able = {first: at > 0, previous: at > 0, next: at < last, last: at < last, wrong: elsewhere};
  for (const [name, can] of Object.entries(able)) {
    const button = control(name), here = button === document.activeElement;
    if (button) Object.assign(button, {ariaDisabled: !can, disabled: !can && !here});
  }
  if (control("wrong")) control("wrong").hidden = !wrong.includes(true);
  $(".cl-moves").hidden = last === 0;
}

// A part that is too wide for its place can be scrolled by keys; any other is no stop of the Tab key.
function watchWidths() {
  const panes = root.querySelectorAll(".cl-pane:not(:has([role=grid]))"), watch = new ResizeObserver(() => {
    for (const pane of panes) {
      const wide = pane.scrollWidth > pane.clientWidth;
      if (wide) Object.assign(pane, {tabIndex: 0, role: "group", ariaLabel: words("scroll")});
      else for (const name of ["tabindex", "role", "aria-label"]) pane.removeAttribute(name);
    }
  });
  for (const pane of panes) for (const part of [pane, pane.firstChild]) watch.observe(part);
}
