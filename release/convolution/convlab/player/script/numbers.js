// Numbers and tables of numbers: printed as Python's convlab.printing.number prints them, and computed
// as torch computes them.

function number(v) {
  const text = !Number.isFinite(v) ? String(v).replace("NaN", "nan").replace("Infinity", "inf")
    : Math.abs(v) >= 1e6 ? v.toExponential(2) : v.toFixed(2).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text.replace("-", "−");
}
const bracketed = (v) => v < 0 && number(v) !== "0" ? "(" + number(v) + ")" : number(v);
const clamp = (low, n, high) => Math.max(low, Math.min(n, high));

// A matrix holds its values row by row; outside of it everything is 0.
function matrix(rows, columns, fill) {
  const values = [];
  for (let n = 0; n < rows * columns; n++) values.push(fill(n));
  return {rows, columns, values};
}
const inside = (m, i, j) => i >= 0 && j >= 0 && i < m.rows && j < m.columns;
const get = (m, i, j) => inside(m, i, j) ? m.values[i * m.columns + j] : 0;
const largest = (m) => m.values.reduce((most, v) => Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most, 1e-9);
const size = (m) => m.rows + "×" + m.columns;
const turned = (m) => ({...m, values: [...m.values].reverse()});  // by 180°
function unpack({rows, columns, data}) {
  const bytes = Uint8Array.fromBase64?.(data) ?? Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  return {rows, columns, values: [...new Float32Array(bytes.buffer)]};
}
function correlate(image, kernel, stride, padding) {
  const steps = (side, width) => Math.floor((side + 2 * padding - width) / stride) + 1;
  const across = steps(image.columns, kernel.columns);
  return matrix(steps(image.rows, kernel.rows), across, (n) => {
    const top = Math.floor(n / across) * stride - padding, left = n % across * stride - padding;
    let sum = 0, w = 0;
    for (let i = top; i < top + kernel.rows; i++)
      for (let j = left; j < left + kernel.columns; j++) sum += kernel.values[w++] * get(image, i, j);
    return sum;
  });
}

// Colours: orange below 0, blue above; black text can be read on each tint.
const TINTS = [[242, 161, 84], [255, 255, 255], [121, 174, 222]];
function mixed(stops, share) {
  const at = clamp(0, share, 1) * (stops.length - 1) || 0, low = Math.min(Math.floor(at), stops.length - 2);
  return stops[low].map((part, c) => Math.round(part + (stops[low + 1][c] - part) * (at - low)));
}
const tint = (v, reach) => "rgb(" + mixed(TINTS, Number.isNaN(v) ? 0.5 : (v / reach + 1) / 2) + ")";
