// What follows from the numbers, the stride and the padding: the maps, what is wrong in them, what reads what.

function derive() {
  const edited = image !== given.image || kernel !== given.kernel, plain = stride === 1 && padding === 0;
  target = correlate(image, kernel, stride, padding);
  yours = !plain ? null : !edited ? given.yours
    : data.bilinear && size(kernel) === size(given.kernel) ? replay(taps, image, kernel) : null;
  shown = yours || target;
  const weights = kernel.values.reduce((sum, w) => sum + (Number.isFinite(w) ? Math.abs(w) : 0), 0);
  const near = data.tolerance * largest(image) * weights;
  wrong = shown.values.map((v, n) => {
    if (!yours) return false;
    const [i, j] = place(n), right = get(target, i, j);
    return !(inside(target, i, j) && (Object.is(v, right) || Math.abs(v - right) <= near));
  });
  reach = {image: largest(image), kernel: largest(kernel), map: largest(shown)};
  at = clamp(0, at, shown.values.length - 1);
  tellSizes(edited, plain);
  if (data.panel && yours) wrong = wrong.map((off, n) => off || astray(n));
  grids.map.at = place(at);
  if (large) drawOverviews();
}

// where things are: position n in the map, the corner of its patch on the image, which position is looked at
const place = (n) => [Math.floor(n / shown.columns), n % shown.columns];
const corner = (n) => place(n).map((p) => p * stride - padding);
const looked = () => hover?.kind === "map" ? hover.i * shown.columns + hover.j : at;
function under(n, i, j) {
  const [top, left] = corner(n);
  return inside(target, ...place(n)) && inside(kernel, i - top, j - left);
}
const reads = (n, i, j) => yours && taps ? read(n, i, j) !== "" : under(n, i, j);
