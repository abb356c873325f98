"use strict";
for (const section of document.querySelectorAll("section[data-shown]")) {
  const table = section.querySelector("table");
  const body = table.tBodies[0];
  const controls = section.querySelector(".controls");
  const search = controls.querySelector("input");
  const choice = controls.querySelector("select");
  const told = controls.querySelector("output");
  const rows = Array.from(body.rows, (row) => ({ row, text: row.textContent.toLowerCase(), word: row.dataset.word }));

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text, word } of rows) {
      const fits = (!choice.value || word === choice.value) && words.every((each) => text.includes(each));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    told.textContent = section.dataset.shown.replace("{shown}", shown).replace("{all}", rows.length);
  };

  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  const sorted = (header) => {
    const column = header.cellIndex;
    const down = header.getAttribute("aria-sort") === "ascending";
    const key = ({ row }) => row.cells[column].dataset.order ?? row.cells[column].textContent;
    const keyed = rows.map((each) => [key(each), each.row]);
    keyed.sort((one, other) => (down ? -1 : 1) * compare(one[0], other[0]));
    body.append(...keyed.map(([, row]) => row));
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
  };

  for (const header of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    button.addEventListener("click", () => sorted(header));
    header.replaceChildren(button);
  }
  search.addEventListener("input", show);
  choice.addEventListener("change", show);
  controls.hidden = false;
  show();
}

// A row that is linked to is shown, whatever is filtered.
const reveal = () => {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!row) return;
  row.hidden = false;
  const details = row.querySelector("details");
  if (details) details.open = true;
  row.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", reveal);
reveal();
