/**
 * The script of a report, as it stands in the page: tooltips on charts, and the sortable, filterable table of trials.
 * It makes elements and sets their text; it never writes HTML.
 */
export const script = `
"use strict";
(() => {
  const read = (id) => { const e = document.getElementById(id); return e ? JSON.parse(e.textContent) : undefined; };
  const tips = read("tips") || {};
  const tip = document.getElementById("tip");
  document.addEventListener("pointermove", (event) => {
    const point = event.target.closest ? event.target.closest("[data-p]") : null;
    const figure = point && point.closest("figure");
    const text = figure && (tips[figure.id] || {})[point.dataset.s];
    const words = text && text[point.dataset.i];
    tip.style.display = words ? "block" : "none";
    if (!words) return;
    tip.textContent = words;
    const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
    tip.style.left = left + "px";
    tip.style.top = Math.max(4, event.clientY - 34) + "px";
  });

  const data = read("trial-data");
  const table = document.getElementById("trial-table");
  if (!data || !table) return;
  const { columns, rows } = data;
  const PAGE = 50;
  let shown = rows, page = 0, sort = { column: columns.findIndex((c) => c.key === "error"), down: false };
  const find = (id) => document.getElementById(id);
  const body = table.tBodies[0];

  const compare = (a, b) => a === b ? 0 : a === null ? 1 : b === null ? -1 : typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  function condition(word) {
    const parts = /^([\\w]+)(<=|>=|<|>|=)(.+)$/.exec(word);
    const at = parts ? columns.findIndex((c) => c.key.toLowerCase() === parts[1].toLowerCase()) : -1;
    if (at < 0) return (row) => row.some((cell) => String(cell).toLowerCase().includes(word));
    const units = { k: 1e3, m: 1e6, g: 1e9 };
    const limit = /^([\\d.]+)([kmg%]?)$/i.exec(parts[3]);
    const wanted = limit ? Number(limit[1]) * (units[limit[2].toLowerCase()] || 1) / (columns[at].scale || 1) : NaN;
    const slack = Math.abs(wanted) * 1e-9;
    const test = { "<": (v) => v < wanted - slack, ">": (v) => v > wanted + slack, "<=": (v) => v <= wanted + slack, ">=": (v) => v >= wanted - slack, "=": (v) => Math.abs(v - wanted) <= slack }[parts[2]];
    return (row) => row[at] !== null && test(row[at]);
  }
  function update() {
    const words = find("filter").value.trim().toLowerCase().split(/\\s+/).filter(Boolean).map(condition);
    const wanted = find("population") ? find("population").value : "";
    const at = columns.findIndex((c) => c.key === "population");
    shown = rows.filter((row) => (wanted === "" || row[at] === wanted) && words.every((test) => test(row)));
    const { column, down } = sort;
    shown.sort((a, b) => (down && a[column] !== null && b[column] !== null ? -1 : 1) * compare(a[column], b[column]));
    page = Math.min(page, Math.max(0, Math.ceil(shown.length / PAGE) - 1));
    draw();
  }
  function format(value, column) {
    if (value === null) return "–";
    if (column.kind === "text" || column.kind === "plain") return String(value);
    if (column.kind === "percent") return (value * 100).toFixed(1) + " %";
    const units = [[1e9, "G"], [1e6, "M"], [1e3, "K"]];
    const unit = column.kind === "count" ? units.find(([u]) => Math.abs(value) >= u * 0.9995) || [1, ""] : [1, ""];
    const v = value / unit[0];
    const digits = v === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(v)) + 1e-9));
    return v.toFixed(Math.min(digits, 6)) + unit[1] + (column.unit || "");
  }
  function draw() {
    const fragment = document.createDocumentFragment();
    for (const row of shown.slice(page * PAGE, (page + 1) * PAGE)) {
      const tr = document.createElement("tr");
      columns.forEach((column, i) => {
        const td = document.createElement("td");
        if (column.kind === "text") td.className = "text";
        td.textContent = format(row[i], column);
        tr.append(td);
      });
      fragment.append(tr);
    }
    body.replaceChildren(fragment);
    const from = shown.length ? page * PAGE + 1 : 0;
    find("rows").textContent = from + "–" + Math.min(shown.length, (page + 1) * PAGE) + " / " + shown.length + (shown.length === rows.length ? "" : " (" + rows.length + ")");
    find("previous").disabled = page === 0;
    find("next").disabled = (page + 1) * PAGE >= shown.length;
    [...table.tHead.rows[0].cells].forEach((cell, i) => {
      if (i === sort.column) cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
  }
  function sortBy(column) {
    sort = { column, down: sort.column === column ? !sort.down : false };
    page = 0;
    update();
  }
  [...table.tHead.rows[0].cells].forEach((cell, i) => {
    cell.tabIndex = 0;
    cell.addEventListener("click", () => sortBy(i));
    cell.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sortBy(i); } });
  });
  find("filter").addEventListener("input", () => { page = 0; update(); });
  if (find("population")) find("population").addEventListener("change", () => { page = 0; update(); });
  find("previous").addEventListener("click", () => { page--; draw(); });
  find("next").addEventListener("click", () => { page++; draw(); });
  find("controls").hidden = false;
  update();
})();
`;
