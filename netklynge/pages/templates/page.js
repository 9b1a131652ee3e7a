"use strict";
(function () {
  const words = document.getElementById("words").dataset;
  const text = (cell) => cell.textContent.trim();
  const comma = document.documentElement.lang === "nb" ? "." : "";
  const number = (s) => parseFloat(s.replace(/[\u00a0\u202f\s]/g, "").replace(/^−/, "-").replaceAll(",", comma));
  function order(a, b) {
    const x = number(a), y = number(b);
    if (!isNaN(x) && !isNaN(y)) return x - y;
    if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    return a.localeCompare(b, document.documentElement.lang);
  }
  function csv(table) {
    const quote = (s) => '"' + (/^[=+@\t\r]|^-(?!\d)/.test(s) ? "'" : "") .concat(s).replace(/"/g, '""') + '"';
    const rows = [...table.rows].filter((row) => !row.hidden);
    const plain = (s) => s.replace(/^−(?=\d)/, "-");
    return rows.map((row) => [...row.cells].map((cell) => quote(plain(text(cell)))).join(",")).join("\r\n");
  }
  function save(name, content) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + content], { type: "text/csv;charset=utf-8" }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }
  function reachable() { // only what scrolls is a stop for the keyboard
    for (const box of document.querySelectorAll(".scroll")) {
      const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
      for (const [name, value] of [["tabindex", "0"], ["role", "region"]])
        if (scrolls) box.setAttribute(name, value);
        else box.removeAttribute(name);
      box.dataset.label ??= box.getAttribute("aria-label") ?? "";
      if (scrolls && box.dataset.label) box.setAttribute("aria-label", box.dataset.label);
      else box.removeAttribute("aria-label");
    }
  }
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text(head);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].sort((a, b) => order(text(a.cells[column]), text(b.cells[column])));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
    const tools = document.createElement("div");
    tools.className = "tools";
    if (table.classList.contains("filtered")) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      const count = document.createElement("span");
      input.type = "search";
      count.setAttribute("aria-live", "polite");
      label.append(words.filter + " ", input);
      input.addEventListener("input", () => {
        const wanted = input.value.toLowerCase();
        let shown = 0;
        for (const row of body.rows) {
          row.hidden = !row.textContent.toLowerCase().includes(wanted);
          shown += !row.hidden;
        }
        count.textContent = shown + " " + words.shown;
      });
      tools.append(label, count);
    }
    const download = document.createElement("button");
    download.type = "button";
    download.textContent = words.download;
    download.addEventListener("click", () => save(table.dataset.name + ".csv", csv(table)));
    tools.append(download);
    table.parentNode.before(tools);
  }
  reachable();
  addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true);
})();
