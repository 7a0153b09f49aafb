// The small pictures of a large image and of its map: drawn once a change, framed at every step.

const overviews = {};
function drawOverviews() {
  for (const [name, m] of [["image", image], ["map", shown]]) {
    const canvas = document.createElement("canvas"), still = document.createElement("canvas");
    const zoom = Math.max(1, Math.floor(240 / m.columns)), pixels = new ImageData(m.columns, m.rows), most = largest(m);
    const grey = name === "image" && m.values.every((v) => v >= 0);
    const colour = (v) => grey ? Array(3).fill(v / most * 255) : mixed(SIGNED, (v / most + 1) / 2);
    m.values.forEach((v, n) => pixels.data.set([...colour(v), 255], 4 * n));
    Object.assign(still, {width: m.columns, height: m.rows}).getContext("2d").putImageData(pixels, 0, 0);
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
    overviews[name] = {canvas, still, zoom};
  }
}
const SIGNED = [[255, 210, 122], [240, 138, 36], [154, 143, 136], [63, 111, 176], [6, 35, 90]];
function frameOverviews(corner, cell) {
  for (const [name, [i, j], {rows, columns}] of [["image", corner, kernel], ["map", cell, {rows: 1, columns: 1}]]) {
    const {canvas, still, zoom} = overviews[name], brush = canvas.getContext("2d");
    brush.imageSmoothingEnabled = false;
    brush.drawImage(still, 0, 0, canvas.width, canvas.height);
    for (const [strokeStyle, lineWidth] of [["#fff", 5], ["#1a1a1a", 2.5]])
      Object.assign(brush, {strokeStyle, lineWidth})
        .strokeRect(j * zoom - 1, i * zoom - 1, columns * zoom + 2, rows * zoom + 2);
  }
}
