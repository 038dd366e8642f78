// Suggestions below a search field: a combobox with a list (ARIA 1.2). Fetched when a field is first entered. Without it
// the form goes to the search page, and so does Enter while nothing is chosen.

const REST = 160; // milliseconds of silence before the server is asked
let fields = 0;

export function start(input) {
  if (input.dataset.offers) return;
  input.dataset.offers = "yes";
  const form = input.form;
  const list = document.createElement("ul");
  list.id = `offers-${(fields += 1)}`;
  list.className = "offers";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.autocomplete = "off";
  const holder = input.closest(".find, .field") ?? form;
  holder.classList.add("offering");
  holder.append(list, status);

  let timer = 0;
  let asked = null;
  let chosen = -1;

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    choose(-1);
    input.setAttribute("aria-expanded", "false");
  };

  const choose = (at) => {
    chosen = at;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const option = list.children[at];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const show = (offers) => {
    list.replaceChildren(...offers.map((offer, at) => line(offer, `${list.id}-${at}`)));
    choose(-1);
    list.hidden = offers.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = offers.length === 0 ? "" : offers.length === 1 ? "1 suggestion" : `${offers.length} suggestions`;
  };

  const ask = async () => {
    asked?.abort();
    const text = input.value.trim();
    if (!text || text.length > 200) return close();
    const control = (asked = new AbortController());
    try {
      const answer = await fetch(`/search/suggest?q=${encodeURIComponent(text)}`, { signal: control.signal });
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (!control.signal.aborted && document.activeElement === input) show(suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = list.children.length - 1;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return void (event.key === "ArrowDown" && ask());
      event.preventDefault();
      const next = event.key === "ArrowDown" ? chosen + 1 : chosen < 0 ? last : chosen - 1;
      choose(next > last ? -1 : next);
    } else if (event.key === "Enter" && chosen >= 0 && !list.hidden) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.url);
    } else if (event.key === "Tab") {
      close();
    }
  });
  // The field keeps the focus while the pointer chooses.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
  input.addEventListener("blur", close);
  // What was typed while this file was fetched is answered too.
  if (input.value !== input.defaultValue && document.activeElement === input) timer = setTimeout(ask, REST);
  form?.addEventListener("submit", close);
}

function line({ text, detail, url }, id) {
  const option = document.createElement("li");
  option.id = id;
  option.dataset.url = url;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const name = document.createElement("span");
  name.dir = "auto";
  name.textContent = text;
  const more = document.createElement("small");
  more.textContent = detail;
  option.append(name, " ", more);
  return option;
}
