// One's pictures: several at once, chosen, dropped or pasted, each with its progress. Without this file it is a form.

import { progress, receive, send } from "./sending.js";

const form = document.getElementById("library-form");
if (form) start(form);

function start(form) {
  const choice = form.elements.file;
  const list = form.querySelector(".uploads");

  form.addEventListener("submit", (event) => {
    if (!choice.files.length) return;
    event.preventDefault();
    take([...choice.files]);
  });
  receive(form, take);

  /** One after the other, so that a slow line finishes some. */
  async function take(files) {
    const rows = files.map((file) => new Row(file, list));
    // A description is of one picture; each of several gets its own afterwards.
    const alt = files.length === 1 ? form.elements.alt.value : "";
    let failed = 0;
    for (const row of rows) if (!(await row.send(form, alt))) failed += 1;
    if (!failed) location.reload();
    choice.value = "";
  }
}

class Row {
  constructor(file, list) {
    this.file = file;
    this.name = file.name || "picture";
    this.line = document.createElement("div");
    this.label = document.createElement("span");
    this.label.textContent = this.name;
    this.bar = progress(this.name);
    this.line.append(this.label, this.bar);
    list.append(this.line);
  }

  async send(form, alt) {
    const body = new FormData();
    body.append("alt", alt);
    body.append("file", this.file, this.name);
    const { why } = await send(form.dataset.uploadUrl, form.elements.csrf_token.value, body, this.bar).done;
    this.bar.remove();
    this.label.textContent = `${this.name} ${why ?? "is here"}`;
    if (why) this.label.className = "bad";
    return !why;
  }
}
