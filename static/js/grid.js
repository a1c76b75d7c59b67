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

// A block copied from a spreadsheet fills the cells from the one it is pasted into. One that does
// not fit goes into the field below whole, where the answer says what is wrong with it.
document.addEventListener("paste", (e) => {
  const cell = e.target.closest?.("[data-grid] td");
  const text = (e.clipboardData?.getData("text/plain") ?? "").replace(/\r\n?/g, "\n").trimEnd();
  if (!cell || !/[\t\n]/.test(text)) return;
  e.preventDefault();
  const rows = [...cell.closest("tbody").rows].slice(cell.parentElement.sectionRowIndex);
  const filled = text
    .split("\n")
    .flatMap((line, down) => line.split("\t").map((word, right) => [word.trim(), down, right]))
    .filter(([word]) => word)
    .map(([word, down, right]) => [
      rows[down]?.cells[cell.cellIndex + right]?.querySelector("input:not([type='hidden'])"),
      word,
    ]);
  if (filled.every(([field]) => field)) {
    for (const [field, word] of filled) field.value = word;
  } else {
    const lines = document.getElementById("lines");
    lines.value = text;
    lines.focus();
  }
});
