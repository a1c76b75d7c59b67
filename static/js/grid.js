// In a grid the arrows up and down lead to the same column of the row above or below.
document.addEventListener("keydown", (e) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[e.key];
  const cell = e.target.closest("[data-grid] td");
  if (!step || !cell || e.altKey || e.ctrlKey || e.metaKey) return;
  const rows = [...cell.closest("tbody").rows];
  for (let at = cell.parentElement.sectionRowIndex + step; rows[at]; at += step) {
    const field = rows[at].cells[cell.cellIndex]?.querySelector("input:not([type='hidden'])");
    if (!field) continue;
    e.preventDefault();
    field.focus();
    field.select();
    return;
  }
});
