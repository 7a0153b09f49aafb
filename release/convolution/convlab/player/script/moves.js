// Moving the kernel and changing what it moves over.

function go(n) {
  [at, hover, note] = [clamp(0, n, shown.values.length - 1), null, ""];
  grids.map.at = place(at);
  render();
  tell();
}
function tell() {  // to a linked player, whose kernel is this one turned by 180°
  const detail = {
    root, at, build, stride, padding,
    image: image !== given.image && image, kernel: kernel !== given.kernel && turned(kernel),
  };
  if (data.linked) root.parentElement.dispatchEvent(new CustomEvent("convlab-go", {detail}));
}
function jump(n) {
  pause();
  go(n);
}
// Puts the kernel's weight (m, k) over pixel (i, j).
function centre(i, j, [m, k] = [kernel.rows >> 1, kernel.columns >> 1]) {
  const step = (p, most) => clamp(0, Math.round((p + padding) / stride), most - 1);
  const row = step(i - m, Math.min(target.rows, shown.rows));
  jump(row * shown.columns + step(j - k, Math.min(target.columns, shown.columns)));
}
function pause() {
  timer = clearInterval(timer);
  control("play").textContent = words("play");
  $(".cl-status").ariaLive = "polite";
}
function play() {
  const last = () => shown.values.length - 1;
  const tick = () => { go(at + 1); if (at === last() || !root.isConnected) pause(); };
  if (timer) return pause();
  if (at === last()) at = -1;
  build = control("build").checked = true;
  control("play").textContent = words("pause");
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
function preset(name) {
  const rows = data.presets[name];
  change({kernel: name ? matrix(rows.length, rows.length, (n) => Math.fround(rows.flat()[n])) : given.kernel});
}
function reset() {
  for (const name of ["preset", "stride", "padding"]) if (control(name)) control(name).selectedIndex = 0;
  [at, build] = [0, control("build").checked = false];
  change({...given, stride: 1, padding: 0});
}
const actions = {
  first: () => jump(0), previous: () => jump(at - 1), play, next: () => jump(at + 1), last: () => jump(Infinity),
  wrong: () => jump(Math.max(wrong.indexOf(true, at + 1), 0) || Math.max(wrong.indexOf(true), 0)),
  flip() { control("preset").selectedIndex = -1; change({kernel: turned(kernel)}); },
  reset,
  position: (value) => jump(value - 1),
  speed(value) { speed = Number(value); if (timer) { pause(); play(); } },
  build() { build = control("build").checked; go(at); },
  preset,
  stride: (value) => change({stride: Number(value)}),
  padding: (value) => change({padding: Number(value)}),
};
