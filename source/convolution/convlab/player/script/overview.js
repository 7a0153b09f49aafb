// The small pictures of a large image and of its map: drawn once a change, framed at every step; nothing is drawn while the
// player is far from the window.

const overviews = {};
function drawOverviews() {
  for (const [name, m] of [["image", image], ["map", shown]]) {
    const canvas = document.createElement("canvas"), zoom = Math.max(1, Math.floor(240 / m.columns));
    Object.assign(canvas, {width: m.columns * zoom, height: m.rows * zoom, role: "img",
      className: "cl-thumb cl-" + name + "-overview", ariaLabel: words("overview", {title: words(name)})});
    canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); drag(event); };
    canvas.onpointermove = (event) => event.buttons && drag(event);
    const drag = ({offsetX, offsetY}) => {
      const i = Math.floor(offsetY / canvas.clientHeight * m.rows);
      const j = Math.floor(offsetX / canvas.clientWidth * m.columns);
      if (name === "image") centre(i, j); else jump(clamp(0, i, m.rows - 1) * m.columns + clamp(0, j, m.columns - 1));
    };
    (overviews[name]?.canvas || $(".cl-" + name + "-overview")).replaceWith(canvas);
    overviews[name] = {name, m, canvas, zoom};
  }
}
function still({name, m}) {  // the picture without a frame, one pixel for each number
  const canvas = document.createElement("canvas"), pixels = new ImageData(m.columns, m.rows), most = largest(m);
  const grey = name === "image" && m.values.every((v) => v >= 0);
  const colour = (v) => grey ? Array(3).fill(v / most * 255) : mixed(SIGNED, (v / most + 1) / 2);
  m.values.forEach((v, n) => pixels.data.set([...colour(v), 255], 4 * n));
  Object.assign(canvas, {width: m.columns, height: m.rows}).getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}
const SIGNED = [[255, 210, 122], [240, 138, 36], [154, 143, 136], [63, 111, 176], [6, 35, 90]];
function frameOverviews() {
  if (root.matches(".waiting")) return;
  const n = looked(), one = {rows: 1, columns: 1};
  for (const [name, [i, j], {rows, columns}] of [["image", corner(n), kernel], ["map", place(n), one]]) {
    const seen = overviews[name], {canvas, zoom} = seen, brush = canvas.getContext("2d");
    brush.imageSmoothingEnabled = false;
    brush.drawImage(seen.still ??= still(seen), 0, 0, canvas.width, canvas.height);
    for (const [strokeStyle, lineWidth] of [["#fff", 5], ["#1a1a1a", 2.5]])
      Object.assign(brush, {strokeStyle, lineWidth})
        .strokeRect(j * zoom - 1, i * zoom - 1, columns * zoom + 2, rows * zoom + 2);
  }
}
