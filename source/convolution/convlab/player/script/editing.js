// Changing a number in its cell.

function edit({kind, td, i, j}, typed) {
  const m = {image, kernel}[kind], box = document.createElement("input");
  if (!m || !inside(m, i, j)) return say(m ? words("pad") : position());
  pause();
  const had = number(get(m, i, j)).replace("−", "-");
  const name = words(kind === "image" ? "pixel" : "weight", {row: i, column: j});
  Object.assign(box, {value: typed || had, inputMode: "decimal", ariaLabel: name});
  td.append(box);
  td.edited = true;
  td.className += " edited";
  td.removeAttribute("tabindex");
  box.focus();
  if (!typed) box.select();
  const done = (keep, back) => {
    const text = box.value.trim().replace("−", "-").replace(",", "."), value = Math.fround(Number(text));
    const good = /^[-+.e\d]+$/i.test(text) && Number.isFinite(value), changed = keep && good && text !== had;
    box.onblur = null;
    box.remove();
    td.edited = td.seen = undefined;
    if (changed && kind === "kernel") control("preset").selectedIndex = -1;
    if (changed) change({[kind]: {...m, values: m.values.with(i * m.columns + j, value)}}); else render();
    if (back) grids[kind].focus(i, j);
    if (keep && !good) say(note = words("refused", {typed: text, name, value: had.replace("-", "−")}));
  };
  box.onblur = () => done(true, false);
  finish = done;
}
