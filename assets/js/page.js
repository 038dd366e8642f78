// Every page. Each capability is a file of its own, fetched only where the page has something for it.

const capabilities = [
  ["time[datetime]", "./times.js"],
  [".flash", "./flashes.js"],
  ["form[data-act]", "./social.js"],
  ["form[method=post]", "./forms.js"],
  ["input[type=password]", "./passwords.js"],
  ["article[data-view]", "./reading.js"],
  ["[data-live], [data-live-profile]", "./live.js"],
];
// What stands further down is fetched when somebody comes near it.
const further = [
  [".prose pre, .prose div.table", "./code.js"],
  [".share[data-url]", "./share.js"],
  [".talk", "./comments.js"],
  [".card, .lead", "./pass.js"],
  ["body:not([data-live]) .talk", "./live.js"],
];

const begin = (file) => import(file).then((module) => module.start(document));
for (const [what, file] of capabilities) if (document.querySelector(what)) begin(file);
for (const [what, file] of further) {
  const places = document.querySelectorAll(what);
  const near = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    near.disconnect();
    begin(file);
  }, { rootMargin: "200px" });
  for (const place of places) near.observe(place);
}

// Suggestions come with the first visit to a search field, and not before.
document.addEventListener("focusin", ({ target }) => {
  if (!target.matches?.("input[type=search][name=q]")) return;
  import("./search.js").then((module) => module.start(target));
});

// "/" goes to the search field, as in many places; never while something is being typed.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const field = [...document.querySelectorAll("input[type=search]")].find((input) => input.checkVisibility());
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// Folds that hang over the page close like menus do.
const menus = "details.share[open], details.publish[open]";
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(menus)) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.(menus) ?? document.querySelector(menus);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// The editor keeps unsent text in this browser until the server has said that it arrived.
const sent = sessionStorage.getItem("streamly:sent");
if (sent) {
  sessionStorage.removeItem("streamly:sent");
  if (document.querySelector(".flash-success")) localStorage.removeItem(sent);
}
