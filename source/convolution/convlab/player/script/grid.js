// One table on the page, which shows the part of a matrix that begins at (top, left).

// Each write costs the page a new layout: what is there already is not written again, and a text keeps its node.
function put(node, text) {
  const old = node.firstChild;
  if (!old) node.textContent = text; else if (old.data !== text) old.data = text;
}
const parts = {  // how what is shown of a cell is written
  text: (td, text) => put(td.firstChild, text),
  colour: (td, colour) => { td.style.background = colour; },
  marks: (td, marks) => { td.className = marks; },
  weight: (td, weight) => { td.dataset.weight = weight; },
  label(td, label) { if (label) td.ariaLabel = label; else td.removeAttribute("aria-label"); },
  tab(td, tab) { if (td.role) td.tabIndex = tab; },
  i: (td, i) => { td.dataset.row = i; },
  j: (td, j) => { td.dataset.column = j; },
};

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
    const role = this.table.role ? " role=gridcell" : "";
    const cells = ("<td" + role + "><span></span></td>").repeat(columns);
    this.table.tHead.rows[0].innerHTML = "<td></td>" + "<th scope=col></th>".repeat(columns);
    this.table.tBodies[0].innerHTML = ("<tr><th scope=row></th>" + cells + "</tr>").repeat(rows);
    // kept, since the page's own lists of rows and cells are made anew after each change
    const heads = (row) => [...row.cells].slice(1);
    this.heads = heads(this.table.tHead.rows[0]);
    this.lines = [...this.table.tBodies[0].rows].map((row) => ({head: row.cells[0], cells: heads(row)}));
  }
  cell(i, j) { return this.lines[i - this.top]?.cells[j - this.left]; }
  paint(look, caption) {  // look(i, j) gives text, colour and more of a cell; only what changed is touched
    const row = clamp(this.top, this.at[0], this.top + this.rows - 1);
    const column = clamp(this.left, this.at[1], this.left + this.columns - 1);
    put(this.table.caption, caption);
    this.heads.forEach((head, n) => put(head, number(this.left + n)));
    this.lines.forEach(({head, cells}, m) => {
      const i = this.top + m;
      put(head, number(i));
      cells.forEach((td, n) => {
        if (td.edited) return;
        const j = this.left + n, {text, colour, classes = [], label = "", weight = ""} = look(i, j);
        const tab = i === row && j === column ? 0 : -1, marks = classes.filter(Boolean).join(" "), {seen = {}} = td;
        td.seen = {text, colour, marks, weight, label, tab, i, j};
        for (const part in parts) if (td.seen[part] !== seen[part]) parts[part](td, td.seen[part]);
      });
    });
  }
  focus(i, j) {
    this.at = [i, j];
    this.cell(i, j)?.focus();
  }
}
