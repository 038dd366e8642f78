// Two texts, one post. Shows both, and the writer decides: nothing is thrown away unasked.

import { locale } from "../times.js";
import { replace } from "./text.js";

/** The server has a newer version than the one that this page started from. */
export function conflict(form, fields, theirs, autosave) {
  const who = theirs.saved_by ? `${theirs.saved_by} saved` : "There is";
  const panel = build(form, {
    heading: "Somebody else saved a newer version",
    text: `${who} another version${when(theirs.saved_at)}. Yours is still here and not saved. Which one should stay?`,
    ours: fields.content.value,
    theirs: `${theirs.title ? `${theirs.title}\n\n` : ""}${theirs.content ?? ""}`,
    theirLabel: "Theirs, on the server",
  });
  const close = () => {
    panel.remove();
    fields.content.focus();
  };
  panel.append(row(
    button("Keep mine", "button strong", () => {
      close();
      autosave.resolved(theirs.version);
    }),
    button("Take theirs", "button", () => {
      close();
      fields.fill({ title: theirs.title, content: theirs.content }, replace);
      autosave.resolved(theirs.version);
    }),
    button("Edit by hand", "button", (event) => {
      const mine = panel.querySelector("#clash-ours");
      mine.readOnly = false;
      mine.focus();
      event.target.replaceWith(button("Save what I made of it", "button", () => {
        const made = mine.value;
        close();
        fields.fill({ content: made }, replace);
        autosave.resolved(theirs.version);
      }));
    }),
  ));
  panel.focus();
}

/** This browser kept text that the server did not get. */
export function offer(form, fields, backup) {
  const kept = backup.read();
  if (!kept) return;
  const panel = build(form, {
    heading: "This browser kept unsaved text",
    text: `It is${when(kept.at) || " from earlier"} and not what the server has${kept.version < fields.version ? ", which was changed since" : ""}.`,
    ours: `${kept.values.title ? `${kept.values.title}\n\n` : ""}${kept.values.content ?? ""}`,
    ourLabel: "Kept in this browser",
    theirs: `${fields.title.value ? `${fields.title.value}\n\n` : ""}${fields.content.value}`,
    theirLabel: "On the server",
  });
  panel.append(row(
    button("Bring it back", "button strong", () => {
      panel.remove();
      fields.fill(kept.values, replace);
      fields.content.focus();
    }),
    button("Throw it away", "button danger", () => {
      panel.remove();
      backup.drop();
      fields.content.focus();
    }),
  ));
}

function build(form, { heading, text, ours, ourLabel = "Yours, in this window", theirs, theirLabel }) {
  document.getElementById("clash")?.remove();
  const panel = element("section", { id: "clash", className: "clash", tabIndex: -1 });
  panel.setAttribute("aria-labelledby", "clash-title");
  const two = element("div", { className: "two" });
  two.append(pane("clash-ours", ourLabel, ours), pane("clash-theirs", theirLabel, theirs));
  panel.append(element("h2", { id: "clash-title", textContent: heading }), element("p", { textContent: text }), two);
  form.querySelector(".bar").after(panel);
  return panel;
}

function pane(id, label, value) {
  const box = element("div");
  box.append(element("label", { htmlFor: id, textContent: label }), element("textarea", { id, value, readOnly: true }));
  return box;
}

function row(...buttons) {
  const box = element("div", { className: "row" });
  box.append(...buttons);
  return box;
}

function button(text, className, act) {
  const made = element("button", { type: "button", className, textContent: text });
  made.addEventListener("click", act);
  return made;
}

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

function when(at) {
  if (!at) return "";
  return ` from ${new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at))}`;
}
