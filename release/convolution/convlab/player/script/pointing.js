// The tables under mouse, finger and keys.

function cellOf(node) {
  const td = node?.closest?.("[role=gridcell]");
  const kind = td && Object.keys(grids).find((name) => grids[name].table.contains(td));
  return kind && {kind, td, i: Number(td.dataset.row), j: Number(td.dataset.column)};
}
function look(what) {
  if (timer || held) return;
  [hover, note] = [what, ""];
  render();
}
function move({kind, i, j}, [down, across]) {  // the keys: the position in the map, pixel and kernel on the image
  const m = {image, kernel, map: shown}[kind], pad = kind === "image" ? padding : 0;
  [i, j] = [clamp(-pad, i + down, m.rows - 1 + pad), clamp(-pad, j + across, m.columns - 1 + pad)];
  if (kind === "map") jump(i * shown.columns + j);
  if (kind === "image") centre(i, j);
  grids[kind].focus(i, j);
}
const ARROWS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e9], End: [0, 1e9],
};
function key(event) {
  event.stopPropagation();  // else JupyterLab moves between cells, or cuts one
  const cell = cellOf(event.target);
  if (cell && event.target !== cell.td && (event.key === "Enter" || event.key === "Escape")) {
    event.preventDefault();
    finish(event.key === "Enter", true);
  }
  if (!cell || event.target !== cell.td || event.ctrlKey || event.metaKey || event.altKey) return;
  if (ARROWS[event.key]) move(cell, ARROWS[event.key]);
  else if (event.key === "Enter" || event.key === "F2") edit(cell);
  else if (/^[-−.\d]$/.test(event.key)) edit(cell, event.key);
  else return;
  event.preventDefault();
}
function grab(event) {
  const cell = cellOf(event.target), {timeStamp: time, clientX: x, clientY: y} = event;
  const again = pressed && time - pressed.time < 400 && Math.hypot(x - pressed.x, y - pressed.y) < 9;
  if (!again) pressed = cell && {...cell, time, x, y};
  if (again || cell?.kind !== "image" || event.target.tagName === "INPUT" || event.button) return;
  if (!under(at, cell.i, cell.j)) centre(cell.i, cell.j);
  held = {weight: [cell.i - corner(at)[0], cell.j - corner(at)[1]], top: grids.image.top, left: grids.image.left};
  if (event.target.hasPointerCapture(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
}
function focusIn({target}) {
  const cell = cellOf(target);
  if (!cell || target !== cell.td) return;
  grids[cell.kind].at = [cell.i, cell.j];
  const n = cell.i * shown.columns + cell.j;
  if (cell.kind !== "map") look(cell); else if (n !== at) jump(n);
}
function focusOut({target, relatedTarget}) {
  if (target.ariaDisabled === "true" && document.activeElement !== target) target.disabled = true;
  if (hover && !root.contains(relatedTarget)) look(null);
}
function doubleClick({target}) {  // what was pressed first: the window may have followed the kernel since
  const td = pressed && grids[pressed.kind].cell(pressed.i, pressed.j);
  if (td && target.tagName !== "INPUT") edit({...pressed, td});
}
function listen() {
  const on = (type, act) => root.addEventListener(type, act), drop = () => { held = null; };
  let x, y, hovered;
  // at the window, since Notebook 7 listens early, too
  addEventListener("keydown", (event) => root.contains(event.target) && key(event), true);
  on("click", ({target}) => target.tagName === "BUTTON" && actions[target.name]());
  on("input", ({target}) => target.name === "position" && actions.position(target.value));
  on("change", ({target}) => target.name && target.name !== "position" && actions[target.name](target.value));
  on("focusin", focusIn);
  on("focusout", focusOut);
  on("pointerleave", () => { hovered = null; if (hover) look(null); });
  on("dblclick", doubleClick);
  on("pointerdown", grab);
  on("pointermove", ({target, clientX, clientY, buttons}) => {
    // a browser also tells of cells that change under a mouse at rest
    if (clientX === x && clientY === y) return;
    [x, y] = [clientX, clientY];
    if (!buttons) held = null;
    const cell = cellOf(held ? document.elementFromPoint(x, y) : target) || null, {top, left} = grids.image;
    if (!held && cell?.td !== hovered) look(cell);
    if (!held) hovered = cell?.td;
    else if (cell?.kind === "image") centre(cell.i - top + held.top, cell.j - left + held.left, held.weight);
  });
  for (const type of ["pointerup", "pointercancel"]) addEventListener(type, drop);
  if (data.linked) root.parentElement.addEventListener("convlab-go", ({detail}) => {
    if (detail.root === root) return;
    ({at, build, stride, padding} = detail);
    [image, kernel, hover, note] = [detail.image || given.image, detail.kernel || given.kernel, null, ""];
    derive();
    render();
  });
  for (const [type, whole] of [["beforeprint", true], ["afterprint", false]])
    addEventListener(type, () => { build = !whole && control("build").checked; render(); });
  watchWidths();
}
