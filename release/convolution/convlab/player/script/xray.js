// The X-ray: the weights, with their coefficients, that a cell of the learner's map multiplies a pixel by, and should.

function replay(taps, image, kernel) {  // the learner's own map of other numbers
  return matrix(taps.rows, taps.columns, (n) => {
    let sum = 0;
    for (let t = 0, reads = taps.reads[n]; t < reads.length; t += 3)
      sum += image.values[reads[t]] * kernel.values[reads[t + 1]] * reads[t + 2];
    return sum;
  });
}
const letter = (w) => String.fromCharCode(97 + w % 26) + (w < 26 ? "" : Math.floor(w / 26));
const tapsOf = (n) => inside(taps, ...place(n)) ? taps.reads[place(n)[0] * taps.columns + place(n)[1]] : [];
function read(n, i, j) {
  const found = [], all = tapsOf(n);
  for (let t = 0; t < all.length; t += 3)
    if (all[t] === i * image.columns + j)
      found.push(({1: "", "-1": "−"}[all[t + 2]] ?? number(all[t + 2])) + letter(all[t + 1]));
  return found.join("+");
}
const should = (n, i, j) =>
  under(n, i, j) ? letter((i - corner(n)[0]) * kernel.columns + j - corner(n)[1]) : "";
function astray(n) {  // whether cell n reads anything but its patch
  const all = tapsOf(n);
  for (let t = 0; t < all.length; t += 3) {
    const i = Math.floor(all[t] / image.columns), j = all[t] % image.columns;
    if (all[t + 2] !== 1 || should(n, i, j) !== letter(all[t + 1])) return true;
  }
  return all.length !== 3 * kernel.values.length;
}
const panels = {
  read(i, j) {
    const text = read(looked(), i, j), right = should(looked(), i, j), off = text !== right;
    const label = off ? words("off", {read: text || words("nothing"), should: right || words("nothing")}) : null;
    return {text, colour: text ? tint(off ? -1 : 1, 1) : "#fff", classes: [off && "wrong"], label};
  },
  should(i, j) {
    const text = should(looked(), i, j);
    return {text, colour: text ? tint(1, 1) : "#fff"};
  },
};
function renderPanels() {
  for (const name of ["read", "should"]) if (grids[name]) {
    grids[name].view(0, 0, image.rows, image.columns);
    grids[name].paint(panels[name], words(name));
  }
}
