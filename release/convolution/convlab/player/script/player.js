// Brings the static tables of one player to life. Python puts this script together when it writes a page: each line of
// names stands for the files of these names, and a file that a page does not need is left out.
(() => {
"use strict";
/* parts: page numbers grid */

function upgrade(root) {  // builds all that moves
  if (root.alive) return;
  root.alive = true;
  // what the script of a page that was saved alive has made
  for (const old of root.querySelectorAll(".cl-bar, .cl-more, .cl-help, .cl-status")) old.remove();
  const $ = (selector) => root.querySelector(selector), control = (name) => $("[name=" + name + "]");
  const data = JSON.parse($("[type='application/json']").textContent), {taps, large} = data;
  const given = {image: unpack(data.image), kernel: unpack(data.kernel), yours: data.yours && unpack(data.yours)};

  // What the learner chose: the numbers, the position `at` counted row by row, whether the map is built step by step.
  let {image, kernel} = given, stride = 1, padding = 0, at = data.at, build = false, speed = 500;
  // What follows (model.js): torch's map, the learner's if it is known for these numbers, the one that is
  // shown, its wrong cells.
  let target, yours, shown, wrong, reach;
  // What goes on: the cell pointed at, the kernel held, the cell last pressed, what ends an edit, the clock
  // of Play, and a remark.
  let hover = null, held = null, pressed = null, finish, timer = null, note = "";
  const grids = {};
  for (const name of ["image", "kernel", "map", "read", "should", "terms"])
    if ($(".cl-" + name)) grids[name] = new Grid($(".cl-" + name), "image kernel map".includes(name) && "grid");

  function words(name, facts = {}) {  // a sentence of messages/, with these facts in it
    const found = data.words[name], text = found.many ? found[facts.count === 1 ? "one" : "many"] : found;
    return text.replace(/{(\w+)}/g, (_, fact) => facts[fact]);
  }
  /* parts: model xray drawing overview controls moves editing pointing */
  buildControls();
  derive();
  listen();
  render();
  root.classList.add("live");
  root.wake = () => large && frameOverviews();
}

return (root, loading) => {
  shareStyle(root);
  // only while a page loads are there many; and one that was saved alive shows its controls already
  if (loading && !root.matches(".live")) wait(root, upgrade); else {
    root.classList.remove("waiting");
    upgrade(root);
  }
};
})();
