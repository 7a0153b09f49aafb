// Turns the static tables of one player into ones that move. Everything lives in the closure of its root element.
(() => {
"use strict";

// --- numbers: as Python's convlab.paint.number prints them, as torch computes them ------------------------------

function number(v) {
  const text = !Number.isFinite(v) ? String(v).replace("NaN", "nan").replace("Infinity", "inf")
    : Math.abs(v) >= 1e6 ? v.toExponential(2) : v.toFixed(2).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text.replace("-", "−");
}
const bracketed = (v) => v < 0 && number(v) !== "0" ? `(${number(v)})` : number(v);
const clamp = (low, n, high) => Math.max(low, Math.min(n, high));
const matrix = (rows, columns, fill) => ({rows, columns, values: Array.from({length: rows * columns}, (_, n) => fill(n))});
const inside = (m, i, j) => i >= 0 && j >= 0 && i < m.rows && j < m.columns;
const get = (m, i, j) => inside(m, i, j) ? m.values[i * m.columns + j] : 0;
const largest = (m) => m.values.reduce((most, v) => Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most, 1e-9);
const size = (m) => `${m.rows}×${m.columns}`;
function unpack({rows, columns, data}) {
  const floats = new Float32Array(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
  return matrix(rows, columns, (n) => floats[n]);
}
function correlate(image, kernel, stride, padding) {
  const steps = (side, width) => Math.floor((side + 2 * padding - width) / stride) + 1, across = steps(image.columns, kernel.columns);
  return matrix(steps(image.rows, kernel.rows), across, (n) => {
    const top = Math.floor(n / across) * stride - padding, left = n % across * stride - padding;
    return kernel.values.reduce((sum, weight, w) =>
      sum + weight * get(image, top + Math.floor(w / kernel.columns), left + w % kernel.columns), 0);
  });
}
function replay(taps, image, kernel) {  // the learner's own function, from what the X-ray saw it read
  return matrix(taps.rows, taps.columns, (n) => {
    let sum = 0;
    for (let t = 0, reads = taps.reads[n]; t < reads.length; t += 3)
      sum += image.values[reads[t]] * kernel.values[reads[t + 1]] * reads[t + 2];
    return sum;
  });
}

// --- colours -----------------------------------------------------------------------------------------------------

const TINTS = [[242, 161, 84], [255, 255, 255], [121, 174, 222]];  // orange below 0, blue above; black text on each
const SIGNED = [[255, 210, 122], [240, 138, 36], [154, 143, 136], [63, 111, 176], [6, 35, 90]];
function mixed(stops, share) {
  const at = clamp(0, share, 1) * (stops.length - 1) || 0, low = Math.min(Math.floor(at), stops.length - 2);
  return stops[low].map((part, c) => Math.round(part + (stops[low + 1][c] - part) * (at - low)));
}
const tint = (v, reach) => `rgb(${mixed(TINTS, Number.isNaN(v) ? 0.5 : (v / reach + 1) / 2)})`;

// --- one table, which shows the part of a matrix that begins at (top, left) ---------------------------------------

class Grid {
  constructor(table, role) {
    Object.assign(this, {table, rows: 0, columns: 0, at: [0, 0]});
    if (role) table.setAttribute("role", role);
  }
  view(top, left, rows, columns) {
    if (rows !== this.rows || columns !== this.columns) this.build(rows, columns);
    Object.assign(this, {top, left, rows, columns});
  }
  build(rows, columns) {
    const head = "<th scope=col></th>".repeat(columns), cell = `<td${this.table.role ? " role=gridcell" : ""}><span></span></td>`;
    this.table.tHead.rows[0].innerHTML = "<td></td>" + head;
    this.table.tBodies[0].innerHTML = `<tr><th scope=row></th>${cell.repeat(columns)}</tr>`.repeat(rows);
  }
  cell(i, j) { return this.table.tBodies[0].rows[i - this.top]?.cells[j - this.left + 1]; }
  paint(look, caption) {  // look(i, j) gives text, colour and more of a cell; only cells that changed are touched
    const [row, column] = [clamp(this.top, this.at[0], this.top + this.rows - 1), clamp(this.left, this.at[1], this.left + this.columns - 1)];
    this.table.caption.textContent = caption;
    for (let j = 0; j < this.columns; j++) this.table.tHead.rows[0].cells[j + 1].textContent = number(this.left + j);
    for (let i = this.top; i < this.top + this.rows; i++) {
      this.table.tBodies[0].rows[i - this.top].cells[0].textContent = number(i);
      for (let j = this.left; j < this.left + this.columns; j++) {
        const td = this.cell(i, j), {text, colour, classes = [], label = "", weight = ""} = look(i, j);
        const tab = i === row && j === column ? 0 : -1, key = [text, colour, classes, label, weight, tab, i, j].join();
        if (td.key === key || td.lastChild.tagName === "INPUT") continue;
        Object.assign(td, {key, className: classes.filter(Boolean).join(" ")});
        if (this.table.role) td.tabIndex = tab;
        Object.assign(td.dataset, {row: i, column: j, weight});
        td.firstChild.textContent = text;
        td.style.background = colour;
        if (label) td.ariaLabel = label; else td.removeAttribute("aria-label");
      }
    }
  }
  focus(i, j) {
    this.at = [i, j];
    this.cell(i, j)?.focus();
  }
}

// --- one player --------------------------------------------------------------------------------------------------

function upgrade(root) {
  if (root.alive) return;
  root.alive = true;
  for (const old of root.querySelectorAll(".cl-controls, .cl-help, .cl-status")) old.remove();  // of a page saved alive
  const $ = (selector) => root.querySelector(selector), control = (name) => $(`[name=${name}]`);
  const data = JSON.parse($('script[type="application/json"]').textContent), taps = data.taps;
  const given = {image: unpack(data.image), kernel: unpack(data.kernel), yours: data.yours && unpack(data.yours)};
  const large = Math.max(given.image.rows, given.image.columns) > data.whole;
  const grids = {}, overviews = {};
  for (const name of ["image", "kernel", "map", "read", "should", "terms"])
    if ($(`.cl-${name}`)) grids[name] = new Grid($(`.cl-${name}`), "image kernel map".includes(name) && "grid");
  let {image, kernel} = given, stride = 1, padding = 0, at = data.at, build = false;
  let target, yours, shown, wrong, reach, hover = null, held = null, pressed = null, finish, timer = null, speed = 500, note = "";

  function derive() {  // everything that follows from image, kernel, stride and padding
    const edited = image !== given.image || kernel !== given.kernel, asked = stride === 1 && padding === 0;
    target = correlate(image, kernel, stride, padding);
    yours = !asked ? null : !edited ? given.yours : data.bilinear && size(kernel) === size(given.kernel) ? replay(taps, image, kernel) : null;
    shown = yours || target;
    const near = data.tolerance * largest(image) * kernel.values.reduce((sum, w) => sum + (Number.isFinite(w) ? Math.abs(w) : 0), 0);
    wrong = shown.values.map((v, n) => Boolean(yours) && !(inside(target, ...place(n)) && (Object.is(v, get(target, ...place(n))) || Math.abs(v - get(target, ...place(n))) <= near)));
    reach = {image: largest(image), kernel: largest(kernel), map: largest(shown)};
    at = clamp(0, at, shown.values.length - 1);
    const wide = (m) => m.values.reduce((most, v) => Math.max(most, number(v).length), 0);  // columns keep their width at every step
    for (const [name, most] of [["image", Math.max(wide(image), 0.8 * wide(kernel) + 1)], ["kernel", wide(kernel)], ["map", wide(shown) + 2 * wrong.includes(true)]])
      grids[name].table.style.setProperty("--wide", most);
    const count = wrong.filter(Boolean).length, all = shown.values.length;
    if (data.verdict) $(".cl-verdict").textContent = (data.panel || !edited && asked ? data.verdict : "") + (!edited && asked ? ""
      : yours ? ` Replayed from what your conv2d read: ${all - count} of ${all} cells agree.`
      : ` Drawn by the lesson: your conv2d was asked about the numbers as given${asked ? "" : ", and has no stride and no padding"}.`);
    $(".cl-counted").textContent = `${size(image)} pixels, a ${size(kernel)} kernel${stride > 1 ? `, stride ${stride}` : ""}`
      + `${padding ? `, padding ${padding}` : ""}: ${all} position${all > 1 ? "s" : ""}, a ${size(shown)} feature map.`;
    if (data.panel && yours) wrong = wrong.map((off, n) => off || astray(n));
    if (control("wrong")) control("wrong").hidden = !wrong.includes(true);
    grids.map.at = place(at);
    if (large) drawOverviews();
  }

  // where things are: position n in the map, its patch's corner on the image, which position is looked at
  const place = (n) => [Math.floor(n / shown.columns), n % shown.columns];
  const corner = (n) => place(n).map((p) => p * stride - padding);
  const looked = () => hover?.kind === "map" ? hover.i * shown.columns + hover.j : at;
  function under(n, i, j) {
    const [top, left] = corner(n);
    return inside(target, ...place(n)) && inside(kernel, i - top, j - left);
  }

  // the X-ray: the weights, with their coefficients, that cell n multiplies pixel (i, j) by, and should
  const letter = (w) => String.fromCharCode(97 + w % 26) + (w < 26 ? "" : Math.floor(w / 26));
  const tapsOf = (n) => inside(taps, ...place(n)) ? taps.reads[place(n)[0] * taps.columns + place(n)[1]] : [];
  function read(n, i, j) {
    const found = [], all = tapsOf(n);
    for (let t = 0; t < all.length; t += 3)
      if (all[t] === i * image.columns + j) found.push(({1: "", "-1": "−"}[all[t + 2]] ?? number(all[t + 2])) + letter(all[t + 1]));
    return found.join("+");
  }
  const should = (n, i, j) => under(n, i, j) ? letter((i - corner(n)[0]) * kernel.columns + j - corner(n)[1]) : "";
  function astray(n) {  // whether cell n reads anything but its patch
    const all = tapsOf(n), right = kernel.values.length;
    for (let t = 0; t < all.length; t += 3) {
      const i = Math.floor(all[t] / image.columns), j = all[t] % image.columns;
      if (all[t + 2] !== 1 || should(n, i, j) !== letter(all[t + 1])) return true;
    }
    return all.length !== 3 * right;
  }
  const reads = (n, i, j) => yours && taps ? read(n, i, j) !== "" : under(n, i, j);
  function panel(text, off, instead) {
    return {text, colour: !text ? "#fff" : tint(off ? -1 : 1, 1), classes: [off && "wrong"], label: off ? `${text || "nothing"}, expected ${instead || "nothing"}` : ""};
  }

  const looks = {
    image(i, j) {
      const [top, left] = corner(looked()), patch = under(looked(), i, j), w = hover?.kind === "kernel" && hover;
      const [y, x] = [(i + padding - w.i) / stride, (j + padding - w.j) / stride], region = w && y % 1 === 0 && x % 1 === 0 && inside(target, y, x);
      return {text: number(get(image, i, j)), colour: tint(get(image, i, j), reach.image), weight: patch ? number(get(kernel, i - top, j - left)) : "",
        classes: [!inside(image, i, j) && "pad", ...patch ? ["patch", i === top && "top", j === left && "left", i === top + kernel.rows - 1 && "bottom",
          j === left + kernel.columns - 1 && "right"] : [], region && "region", region && y === place(looked())[0] && x === place(looked())[1] && "acts"]};
    },
    kernel: (i, j) => ({text: number(get(kernel, i, j)), colour: tint(get(kernel, i, j), reach.kernel), weight: data.panel ? letter(i * kernel.columns + j) : ""}),
    map(i, j) {
      const n = i * shown.columns + j, v = shown.values[n], later = build && n > at;
      return {text: later ? "" : number(v), colour: later ? "#fff" : tint(v, reach.map),
        classes: [later && "later", n === looked() && "here", !later && wrong[n] && "wrong", hover?.kind === "image" && reads(n, hover.i, hover.j) && "reads"],
        label: later ? "not built yet" : wrong[n] ? `${number(v)}, wrong, expected ${inside(target, i, j) ? number(get(target, i, j)) : "no such cell"}${number(v) === number(get(target, i, j)) ? " of other products" : ""}` : ""};
    },
    read: (i, j) => panel(read(looked(), i, j), read(looked(), i, j) !== should(looked(), i, j), should(looked(), i, j)),
    should: (i, j) => panel(should(looked(), i, j)),
    terms(m, k) {
      const [top, left] = corner(looked()), pixel = get(image, top + m, left + k), weight = get(kernel, m, k);
      return {text: `${number(pixel)} × ${bracketed(weight)}`, colour: tint(pixel * weight, reach.terms)};
    },
  };

  function sum() {  // the dot product as a line; what it gives is what the table's cell says
    const n = looked(), [top, left] = corner(n), theirs = wrong[n] ? `; yours: ${number(shown.values[n])} ✗${number(shown.values[n]) === number(get(target, ...place(n))) ? ", of other products" : ""}` : "";
    const products = kernel.values.map((w, k) => w * get(image, top + Math.floor(k / kernel.columns), left + k % kernel.columns));
    const total = products.reduce((a, b) => a + b), exact = [...products, total].every((v) => Math.abs(v) < 1e6 && Math.abs(v - Math.round(v * 100) / 100) < 1e-9);
    reach.terms = largest({values: products});
    return products.map((v, k) => k ? bracketed(v) : number(v)).join(" + ") + (exact ? " = " : " ≈ ") + number(total) + theirs;
  }
  function windowed(grid, m, [i, j], {rows, columns}, pad) {  // the part of a large matrix around the patch at (i, j)
    const part = (first, length, p, span, now) => {
      const room = Math.min(length, Math.max(data.window, span + 2));
      return large ? [clamp(first, clamp(p + span + 1 - room, now ?? p - 1, p - 1), first + length - room), room] : [first, length];
    };
    const [top, high] = part(-pad, m.rows + 2 * pad, i, rows, grid.top), [left, wide] = part(-pad, m.columns + 2 * pad, j, columns, grid.left);
    grid.view(top, left, high, wide);
    return wide < m.columns || high < m.rows ? `: rows ${top} to ${top + high - 1}, columns ${left} to ${left + wide - 1} of ${size(m)}` : `, ${size(m)}${pad ? ` and padding ${pad}` : ""}`;
  }
  const position = () => `position ${at + 1} of ${shown.values.length}, row ${place(at)[0]}, column ${place(at)[1]}: ${number(shown.values[at])}`;
  function say(text) { if ($(".cl-status").textContent !== text) $(".cl-status").textContent = text; }
  function told() {
    if (!hover) return position();
    const {kind, i, j} = hover, [top, left] = corner(looked()), what = `row ${i}, column ${j} (${number(get(kind === "image" ? image : kernel, i, j))})`;
    if (kind === "map") return `row ${i}, column ${j}: ${number(get(shown, i, j))}`;
    if (kind === "kernel") return `weight ${what} acts on pixel row ${top + i}, column ${left + j}`;
    const count = shown.values.filter((_, n) => reads(n, i, j)).length;
    return `pixel ${what} is read by ${count} ${count === 1 ? "cell" : "cells"}`;
  }
  function render() {
    const n = looked(), [i, j] = place(n);
    $(".cl-sum").textContent = sum();
    grids.image.paint(looks.image, "the image" + windowed(grids.image, image, corner(n), kernel, padding));
    grids.kernel.view(0, 0, kernel.rows, kernel.columns);
    grids.kernel.paint(looks.kernel, `the kernel, ${size(kernel)}`);
    grids.map.paint(looks.map, (yours ? data.whose : "the feature map") + windowed(grids.map, shown, place(at), {rows: 1, columns: 1}, 0));
    grids.terms.view(0, 0, kernel.rows, kernel.columns);
    grids.terms.paint(looks.terms, `the dot product`);
    for (const [name, title] of [["read", "what you read"], ["should", "what you should read"]]) if (grids[name]) {
      grids[name].view(0, 0, image.rows, image.columns);
      grids[name].paint(looks[name], title);
    }
    say(note || told());
    Object.assign(control("position"), {max: shown.values.length, value: at + 1, ariaValueText: position()});
    for (const name of Object.keys(overviews)) frame(name, ...name === "image" ? [...corner(n), kernel.rows, kernel.columns] : [i, j, 1, 1]);
  }

  // --- overviews of large images: drawn once a change, framed at every step
  function drawOverviews() {
    for (const [name, m] of [["image", image], ["map", shown]]) {
      const canvas = document.createElement("canvas"), still = document.createElement("canvas"), zoom = Math.max(1, Math.floor(240 / m.columns));
      const pixels = new ImageData(m.columns, m.rows), most = largest(m), grey = name === "image" && m.values.every((v) => v >= 0);
      m.values.forEach((v, n) => pixels.data.set([...grey ? Array(3).fill(v / most * 255) : mixed(SIGNED, (v / most + 1) / 2), 255], 4 * n));
      Object.assign(still, {width: m.columns, height: m.rows}).getContext("2d").putImageData(pixels, 0, 0);
      Object.assign(canvas, {width: m.columns * zoom, height: m.rows * zoom, className: `cl-thumb cl-${name}-overview`, role: "img", ariaLabel: `${name === "image" ? "the image" : "the feature map"} as a whole`});
      canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); drag(event); };
      canvas.onpointermove = (event) => event.buttons && drag(event);
      const drag = ({offsetX, offsetY}) => {
        const i = Math.floor(offsetY / canvas.clientHeight * m.rows), j = Math.floor(offsetX / canvas.clientWidth * m.columns);
        if (name === "image") centre(i, j); else go(clamp(0, i, m.rows - 1) * m.columns + clamp(0, j, m.columns - 1));
      };
      (overviews[name]?.canvas || $(`.cl-${name}-overview`)).replaceWith(canvas);
      overviews[name] = {canvas, still, zoom};
    }
  }
  function frame(name, i, j, height, width) {
    const {canvas, still, zoom} = overviews[name], brush = canvas.getContext("2d");
    brush.imageSmoothingEnabled = false;
    brush.drawImage(still, 0, 0, canvas.width, canvas.height);
    for (const [strokeStyle, lineWidth] of [["#fff", 5], ["#1a1a1a", 2.5]])
      Object.assign(brush, {strokeStyle, lineWidth}).strokeRect(j * zoom - 1, i * zoom - 1, width * zoom + 2, height * zoom + 2);
  }

  // --- moving and changing
  function go(n) {
    [at, hover, note] = [clamp(0, n, shown.values.length - 1), null, ""];
    grids.map.at = place(at);
    render();
    tell();
  }
  function tell() {  // to a linked player, whose kernel is this one turned by 180°
    const detail = {root, at, build, stride, padding, image: image !== given.image && image, kernel: kernel !== given.kernel && turned(kernel)};
    if (data.linked) root.parentElement.dispatchEvent(new CustomEvent("convlab-go", {detail}));
  }
  const jump = (n) => { pause(); go(n); };
  function centre(i, j, [m, k] = [kernel.rows >> 1, kernel.columns >> 1]) {  // the kernel's weight (m, k) over pixel (i, j)
    const step = (p, most) => clamp(0, Math.round((p + padding) / stride), most - 1);
    jump(step(i - m, Math.min(target.rows, shown.rows)) * shown.columns + step(j - k, Math.min(target.columns, shown.columns)));
  }
  function pause() {
    timer = clearInterval(timer);
    control("play").textContent = "Play";
    $(".cl-status").ariaLive = "polite";
  }
  function play() {
    const last = () => shown.values.length - 1, tick = () => { go(at + 1); if (at === last() || !root.isConnected) pause(); };
    if (timer) return pause();
    if (at === last()) at = -1;
    build = control("build").checked = true;
    control("play").textContent = "Pause";
    $(".cl-status").ariaLive = "off";
    timer = setInterval(tick, speed);
    tick();
  }
  function change(what) {
    pause();
    ({image = image, kernel = kernel, stride = stride, padding = padding} = what);
    [hover, note] = [null, ""];
    derive();
    render();
    tell();
  }
  const turned = (m) => ({...m, values: [...m.values].reverse()});
  const actions = {
    first: () => jump(0), previous: () => jump(at - 1), play, next: () => jump(at + 1), last: () => jump(Infinity),
    wrong() { jump(Math.max(wrong.indexOf(true, at + 1), 0) || Math.max(wrong.indexOf(true), 0)); if (!wrong.includes(true)) say("no cell is wrong"); },
    flip() { control("preset").selectedIndex = -1; change({kernel: turned(kernel)}); },
    reset() {
      for (const select of root.querySelectorAll(".cl-what-if select")) select.selectedIndex = 0;
      change({...given, stride: 1, padding: 0});
    },
    position: (value) => jump(value - 1),
    speed(value) { speed = Number(value); if (timer) { pause(); play(); } },
    build() { build = control("build").checked; go(at); },
    preset: (name) => change({kernel: name ? matrix(data.presets[name].length, data.presets[name].length, (n) => Math.fround(data.presets[name].flat()[n])) : given.kernel}),
    stride: (value) => change({stride: Number(value)}),
    padding: (value) => change({padding: Number(value)}),
  };
  function buildControls() {
    const button = (name, text) => `<button type=button name=${name}>${text}</button>`;
    const choice = (name, label, options) => `<label>${label} <select name=${name}>${options.map(([value, text = value]) => `<option value="${value}">${text}`).join("")}</select></label>`;
    const fitting = Object.keys(data.presets).filter((name) => data.presets[name].length <= Math.min(given.image.rows, given.image.columns)
      && (!data.panel || `${data.presets[name].length}×${data.presets[name].length}` === size(given.kernel)));
    $(".cl-tables").insertAdjacentHTML("beforebegin", `<div role=group aria-label="Move the kernel" class=cl-controls>
      ${button("first", "First")}${button("previous", "Previous")}${button("play", "Play")}${button("next", "Next")}${button("last", "Last")}
      <label>position <input name=position type=range min=1></label>
      ${choice("speed", "speed", [[1200, "slow"], [500, "medium"], [150, "fast"]])}
      <label><input name=build type=checkbox> step by step</label>${data.yours ? button("wrong", "Next wrong cell") : ""}</div>
      <div role=group aria-label="What if" class="cl-controls cl-what-if">${choice("preset", "kernel", [["", "as given"], ...fitting.map((name) => [name])])}
      ${button("flip", "Turn kernel by 180°")}${data.panel ? "" : choice("stride", "stride", [[1], [2], [3]]) + choice("padding", "padding", [[0], [1], [2]])}
      ${button("reset", "Reset")}</div><p class=cl-help>${data.help}</p><p class=cl-status role=status aria-live=polite></p>`);
    control("speed").value = speed;
  }

  // --- the tables under mouse, finger and keys
  function cellOf(node) {
    const td = node?.closest?.("[role=gridcell]"), kind = td && Object.keys(grids).find((name) => grids[name].table.contains(td));
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
  function edit({kind, td, i, j}, typed) {
    const m = {image, kernel}[kind], box = document.createElement("input");
    if (!m || !inside(m, i, j)) return say(m ? "padding is always 0" : position());
    pause();
    const had = number(get(m, i, j)).replace("−", "-"), name = `${kind === "image" ? "pixel" : "weight"} row ${i}, column ${j}`;
    Object.assign(box, {value: typed || had, inputMode: "decimal", ariaLabel: name});
    td.append(box);
    td.removeAttribute("tabindex");
    box.focus();
    if (!typed) box.select();
    const done = (keep, back) => {
      const text = box.value.trim().replace("−", "-").replace(",", "."), value = Math.fround(Number(text)), good = /^[-+.e\d]+$/i.test(text) && Number.isFinite(value);
      box.onblur = null;
      box.remove();
      td.key = "";
      if (keep && good && text !== had && kind === "kernel") control("preset").selectedIndex = -1;
      if (keep && good && text !== had) change({[kind]: {...m, values: m.values.with(i * m.columns + j, value)}}); else render();
      if (back) grids[kind].focus(i, j);
      if (keep && !good) say(note = `“${text}” is no number: ${name} stays ${had.replace("-", "−")}`);
    };
    box.onblur = () => done(true, false);
    finish = done;
  }
  const ARROWS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e9], End: [0, 1e9]};
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
  function listen() {
    const on = (type, act) => root.addEventListener(type, act), drop = () => { held = null; };
    let x, y, hovered;
    window.addEventListener("keydown", (event) => root.contains(event.target) && key(event), true);  // Notebook 7 listens early, too
    on("click", ({target}) => target.tagName === "BUTTON" && actions[target.name]());
    on("input", ({target}) => target.name === "position" && actions.position(target.value));
    on("change", ({target}) => target.name && target.name !== "position" && actions[target.name](target.value));
    on("focusin", ({target}) => {
      const cell = cellOf(target);
      if (!cell || target !== cell.td) return;
      grids[cell.kind].at = [cell.i, cell.j];
      if (cell.kind !== "map") look(cell); else if (cell.i * shown.columns + cell.j !== at) jump(cell.i * shown.columns + cell.j);
    });
    on("focusout", ({relatedTarget}) => hover && !root.contains(relatedTarget) && look(null));
    on("pointerleave", () => { hovered = null; if (hover) look(null); });
    on("dblclick", ({target}) => {  // what was pressed first: the window may have followed the kernel since
      const td = pressed && grids[pressed.kind].cell(pressed.i, pressed.j);
      if (td && target.tagName !== "INPUT") edit({...pressed, td});
    });
    on("pointerdown", grab);
    on("pointermove", ({target, clientX, clientY, buttons}) => {  // a browser also tells of cells that change under a mouse at rest
      if (clientX === x && clientY === y) return;
      [x, y] = [clientX, clientY];
      if (!buttons) held = null;
      const cell = cellOf(held ? document.elementFromPoint(x, y) : target) || null, {top, left} = grids.image;
      if (!held && cell?.td !== hovered) look(cell);
      if (!held) hovered = cell?.td;
      else if (cell?.kind === "image") centre(cell.i - top + held.top, cell.j - left + held.left, held.weight);
    });
    for (const type of ["pointerup", "pointercancel"]) window.addEventListener(type, drop);
    if (data.linked) root.parentElement.addEventListener("convlab-go", ({detail}) => {
      if (detail.root === root) return;
      ({at, build, stride, padding} = detail);
      [image, kernel, hover, note] = [detail.image || given.image, detail.kernel || given.kernel, null, ""];
      derive();
      render();
    });
    for (const [type, whole] of [["beforeprint", true], ["afterprint", false]])
      window.addEventListener(type, () => { build = !whole && control("build").checked; render(); });
  }

  for (const pane of root.querySelectorAll(".cl-pane:not(:has([role=grid]))"))  // can be scrolled by keys where it is narrow
    Object.assign(pane, {tabIndex: 0, role: "group", ariaLabel: "more of the table"});
  buildControls();
  derive();
  listen();
  render();
  root.classList.add("live");
}

const own = document.currentScript?.closest(".convlab-player");
for (const root of own ? [own] : document.querySelectorAll(".convlab-player:not(.live)")) upgrade(root);
})();
