// What the tables and the lines of text show.

const looks = {  // the text, the colour and the marks of each cell
  image(i, j) {
    const [top, left] = corner(looked()), patch = under(looked(), i, j), w = hover?.kind === "kernel" && hover;
    const [y, x] = [(i + padding - w.i) / stride, (j + padding - w.j) / stride];
    const region = w && y % 1 === 0 && x % 1 === 0 && inside(target, y, x), [row, column] = place(looked());
    const edges = [i === top && "top", j === left && "left",
      i === top + kernel.rows - 1 && "bottom", j === left + kernel.columns - 1 && "right"];
    return {
      text: number(get(image, i, j)), colour: tint(get(image, i, j), reach.image),
      weight: patch ? number(get(kernel, i - top, j - left)) : "",
      classes: [!inside(image, i, j) && "pad", ...patch ? ["patch", edges.some(Boolean) && "edge", ...edges] : [],
        region && "region", region && y === row && x === column && "acts"],
    };
  },
  kernel: (i, j) => ({
    text: number(get(kernel, i, j)), colour: tint(get(kernel, i, j), reach.kernel),
    weight: data.panel ? letter(i * kernel.columns + j) : "",
  }),
  map(i, j) {
    const n = i * shown.columns + j, v = shown.values[n], later = build && n > at;
    return {
      text: later ? "" : number(v), colour: later ? "#fff" : tint(v, reach.map),
      classes: [later && "later", n === looked() && "here", !later && wrong[n] && "wrong",
        hover?.kind === "image" && reads(n, hover.i, hover.j) && "reads"],
      label: later ? words("later") : wrong[n] ? wrongly(i, j, v) : null,
    };
  },
  terms(m, k) {
    const [top, left] = corner(looked()), pixel = get(image, top + m, left + k), weight = get(kernel, m, k);
    return {text: number(pixel) + " × " + bracketed(weight), colour: tint(pixel * weight, reach.terms)};
  },
};
const same = (v, i, j) => number(v) === number(get(target, i, j));
function wrongly(i, j, v) {
  const which = !inside(target, i, j) ? "nowhere" : same(v, i, j) ? "products" : "value";
  return words("wrong-" + which, {value: number(v), expected: number(get(target, i, j))});
}

function sum() {  // the dot product as a line; what it gives is what the table's cell says
  const n = looked(), [top, left] = corner(n), v = shown.values[n];
  const products = kernel.values.map((w, k) =>
    w * get(image, top + Math.floor(k / kernel.columns), left + k % kernel.columns));
  const total = products.reduce((a, b) => a + b);
  const exact = [...products, total].every((v) => Math.abs(v) < 1e6 && Math.abs(v - Math.round(v * 100) / 100) < 1e-9);
  reach.terms = largest({values: products});
  return products.map((v, k) => k ? bracketed(v) : number(v)).join(" + ") + (exact ? " = " : " ≈ ") + number(total)
    + (wrong[n] ? words(same(v, ...place(n)) ? "theirs-products" : "theirs", {value: number(v)}) : "");
}

// Shows the part of a large matrix around the patch at (i, j), and returns the table's caption.
function windowed(grid, title, m, [i, j], {rows, columns}, pad) {
  const part = (first, length, p, span, now) => {
    const room = Math.min(length, Math.max(data.window, span + 2));
    const begin = clamp(p + span + 1 - room, now ?? p - 1, p - 1);
    return large ? [clamp(first, begin, first + length - room), room] : [first, length];
  };
  const [top, high] = part(-pad, m.rows + 2 * pad, i, rows, grid.top);
  const [left, wide] = part(-pad, m.columns + 2 * pad, j, columns, grid.left);
  grid.view(top, left, high, wide);
  const facts = {title, size: size(m), padding: pad, top, bottom: top + high - 1, left, right: left + wide - 1};
  return words(wide < m.columns || high < m.rows ? "part" : pad ? "padded" : "whole", facts);
}

function tellSizes(edited, plain) {
  const wide = (m) => m.values.reduce((most, v) =>  // the same at every step; no number below 1000 is longer than −999.99
    most > 4 && Math.abs(v) < 10 ** (most - 4) ? most : Math.max(most, number(v).length), 0);
  const most = {
    image: Math.max(wide(image), 0.8 * wide(kernel) + 1), kernel: wide(kernel),
    map: wide(shown) + 2 * wrong.includes(true),
  };
  for (const name in most) grids[name].table.style.setProperty("--wide", most[name]);
  const count = control("position").max = shown.values.length, agree = count - wrong.filter(Boolean).length;
  if (data.verdict) {
    const given = !edited && plain, first = data.panel || given ? data.verdict : "";
    const then = given ? "" : yours ? words("replayed", {agree, count}) : words(plain ? "drawn" : "drawn-strided");
    $(".cl-verdict").textContent = (first + " " + then).trim();
  }
  const facts = {image: size(image), kernel: size(kernel), map: size(shown), count, stride, padding};
  $(".cl-counted").textContent = words(plain ? "counted" : "strided", facts);
  $(".cl-help").textContent = (count > 1 ? words("help-moving") + " " : "") + words("help");
}
const position = () => words("at",
  {n: at + 1, count: shown.values.length, row: place(at)[0], column: place(at)[1], value: number(shown.values[at])});
function say(text) { if ($(".cl-status").textContent !== text) $(".cl-status").textContent = text; }
function told() {
  if (!hover) return position();
  const {kind, i, j} = hover, [top, left] = corner(looked());
  const value = number(get({image, kernel, map: shown}[kind], i, j));
  const count = shown.values.filter((_, n) => reads(n, i, j)).length;
  return words({map: "cell", kernel: "acts", image: "reads"}[kind],
    {row: i, column: j, value, pixel_row: top + i, pixel_column: left + j, count});
}
function render() {
  const n = looked(), one = {rows: 1, columns: 1};
  put($(".cl-sum"), sum());
  grids.image.paint(looks.image, windowed(grids.image, words("image"), image, corner(n), kernel, padding));
  grids.kernel.view(0, 0, kernel.rows, kernel.columns);
  grids.kernel.paint(looks.kernel, words("whole", {title: words("kernel"), size: size(kernel)}));
  const name = words(yours ? data.whose : "map"), caption = windowed(grids.map, name, shown, place(at), one, 0);
  grids.map.paint(looks.map, caption);
  grids.terms.view(0, 0, kernel.rows, kernel.columns);
  grids.terms.paint(looks.terms, words("terms"));
  if (data.panel) renderPanels();
  say(note || told());
  Object.assign(control("position"), {value: at + 1, ariaValueText: position()});
  allow();
  if (large) frameOverviews();
}
