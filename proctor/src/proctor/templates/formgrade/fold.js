// Folds each run of cells that are not graded behind a button, and goes to the first graded one.
(() => {
  const cells = [...document.querySelectorAll("#notebook-container > .cell")];
  const graded = (cell) => cell.querySelector(".nbgrader_cell");
  if (!cells.some(graded)) {
    return;
  }
  let run = [];
  const fold = () => {
    if (run.length) {
      const those = run, button = document.createElement("button");
      const count = those.length === 1 ? "1 cell" : `${those.length} cells`;
      const heading = those.map((cell) => cell.querySelector("h1, h2, h3")).find(Boolean);
      const title = heading ? ` from “${heading.textContent.replace("¶", "").trim().slice(0, 60)}”` : "";
      const show = (shown) => {
        those.forEach((cell) => cell.classList.toggle("proctor-folded", !shown));
        button.setAttribute("aria-expanded", String(shown));
        button.textContent = `${shown ? "Fold" : "Show"} ${count} without points${title}`;
      };
      button.type = "button";
      button.className = "btn btn-default btn-sm proctor-fold";
      button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
      those[0].before(button);
      show(false);
    }
    run = [];
  };
  for (const cell of cells) {
    graded(cell) ? fold() : run.push(cell);
  }
  fold();
  const jump = () => graded(cells.find(graded)).scrollIntoView();
  addEventListener("load", () => location.hash || setTimeout(jump));
})();
