"use strict";
// Tables sort by a click on a heading, or by Enter or Space on it. What has no value stays at the end.
const valueOf = (cell, kind) => {
  const number = parseFloat(cell.dataset.value);
  if (kind === "number") return Number.isNaN(number) ? null : number;
  const text = cell.textContent.trim();
  return text === "" || text === "–" ? null : text;
};

const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));

const sortBy = (table, heading) => {
  const place = [...heading.parentNode.children].indexOf(heading);
  const ascending = heading.getAttribute("aria-sort") !== "ascending";
  const keyed = [...table.tBodies[0].rows].map((row) => [valueOf(row.cells[place], heading.dataset.kind), row]);
  keyed.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return ascending ? compare(a, b) : compare(b, a);
  });
  table.tBodies[0].append(...keyed.map(([, row]) => row));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
};

for (const table of document.querySelectorAll("table.sortable")) {
  for (const button of table.querySelectorAll("thead button")) {
    button.addEventListener("click", () => sortBy(table, button.closest("th")));
  }
}

// On a phone a figure is as wide as the screen; enlarged it scrolls.
for (const button of document.querySelectorAll("button.enlarge")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", button.closest("figure").classList.toggle("large"));
  });
}

// The contents are folded where they would push the answer off a small screen.
const contents = document.getElementById("contents");
const wide = window.matchMedia("(min-width: 64rem)");
const fold = () => { contents.open = wide.matches; };
wide.addEventListener("change", fold);
fold();

// A link into something folded opens it.
const unfold = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target && target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
};
window.addEventListener("hashchange", unfold);
unfold();

// The contents say where the reader is.
const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
const mark = () => {
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
  const current = passed.at(-1) || headings[0];
  for (const [id, link] of links) {
    if (id === current.id) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
};
let waiting = false;
document.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; mark(); });
}, { passive: true });
mark();

// On paper nothing can be unfolded.
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const part of closed) part.open = true;
});
window.addEventListener("afterprint", () => { for (const part of closed) part.open = false; });
