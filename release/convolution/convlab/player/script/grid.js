// One table on the page, which shows the part of a matrix that begins at (top, left).

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
  }
  cell(i, j) { return this.table.tBodies[0].rows[i - this.top]?.cells[j - this.left + 1]; }
  paint(look, caption) {  // look(i, j) gives text, colour and more of a cell; only cells that changed are touched
    const row = clamp(this.top, this.at[0], this.top + this.rows - 1);
    const column = clamp(this.left, this.at[1], this.left + this.columns - 1);
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
