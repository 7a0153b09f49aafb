// One table on the page, which shows the part of a matrix that begins at (top, left).

// Each write costs the page a new layout: what is there already is not written again, and a text keeps its node.
function put({firstChild}, text) {
  if (firstChild.data !== text) firstChild.data = text;
}

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
    const cells = ("<td" + role + "><span> </span></td>").repeat(columns);
    this.table.tHead.rows[0].innerHTML = "<td></td>" + "<th scope=col> </th>".repeat(columns);
    this.table.tBodies[0].innerHTML = ("<tr><th scope=row> </th>" + cells + "</tr>").repeat(rows);
    // kept, since the page's own lists of rows and cells are made anew after each change
    [this.heads, ...this.lines] = [...this.table.rows].map((row) => [...row.cells]);
  }
  cell(i, j) { return this.lines[i - this.top]?.[j - this.left + 1]; }
  paint(look, caption) {  // look(i, j) gives text, colour and more of a cell; only what changed is touched
    const {table, top, left, at} = this;
    const row = clamp(top, at[0], top + this.rows - 1), column = clamp(left, at[1], left + this.columns - 1);
    put(table.caption, caption);
    this.heads.forEach((head, n) => n && put(head, number(left + n - 1)));
    this.lines.forEach(([head, ...cells], m) => {
      const i = top + m;
      put(head, number(i));
      cells.forEach((td, n) => {
        if (td.edited) return;
        const j = left + n, {text, colour, classes = [], label = null, weight = ""} = look(i, j), {seen = {}} = td;
        const now = td.seen = {
          class: classes.filter(Boolean).join(" "), "data-row": i, "data-column": j, "data-weight": weight,
          "aria-label": label, tabindex: table.role && (i === row && j === column ? 0 : -1),
        };
        put(td.firstChild, text);
        if (td.colour !== colour) td.style.backgroundColor = td.colour = colour;
        for (const name in now) if (now[name] !== seen[name])
          if (now[name] === null) td.removeAttribute(name); else td.setAttribute(name, now[name]);
      });
    });
  }
  focus(i, j) {
    this.at = [i, j];
    this.cell(i, j)?.focus();
  }
}
