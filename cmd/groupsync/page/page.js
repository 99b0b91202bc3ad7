"use strict";
// The page works without this script, which only hides rows.
(function () {
  const tools = document.querySelector(".tools");
  if (!tools) return;
  const search = tools.querySelector("input");
  const status = tools.querySelector("select");
  const shown = tools.querySelector("output");
  const rows = Array.from(document.querySelectorAll("[data-row]"), (row) => ({ row, text: null }));
  function apply() {
    const text = search.value.toLowerCase();
    let n = 0;
    for (const entry of rows) {
      let ok = !status.value || entry.row.dataset.row === status.value;
      if (ok && text) {
        if (entry.text === null) entry.text = (entry.row.textContent + "\n" + (entry.row.dataset.text || "")).toLowerCase();
        ok = entry.text.includes(text);
      }
      if (entry.row.hidden === ok) entry.row.hidden = !ok;
      if (ok) n++;
    }
    shown.textContent = n + " of " + rows.length + (rows.length === 1 ? " row" : " rows");
  }
  let timer = 0;
  search.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(apply, 100);
  });
  status.addEventListener("change", apply);
  tools.addEventListener("submit", function (event) { event.preventDefault(); });
  tools.hidden = false;
  apply();
})();
