// Pictures: dropped, pasted or chosen; a line in the text holds the place until the server has answered.

import { progress, receive, send } from "../sending.js";
import { replace, replaceElsewhere } from "./text.js";

export function startUploads(form, fields) {
  const sheet = form.querySelector(".sheet");
  const list = form.querySelector(".uploads");
  const area = fields.content;
  let queue = Promise.resolve();

  const add = (files) => {
    for (const file of files) {
      const upload = new Upload(file, { form, fields, list, area });
      queue = queue.then(() => upload.send());
    }
  };

  const choice = document.createElement("input");
  choice.type = "file";
  choice.accept = "image/*";
  choice.multiple = true;
  choice.addEventListener("change", () => {
    add(choice.files);
    choice.value = "";
  });
  form.querySelector("[data-tool=picture]")?.addEventListener("click", () => choice.click());

  receive(sheet, add, (event) => event.target === area);
}

class Upload {
  constructor(file, { form, fields, list, area }) {
    Object.assign(this, { file, form, fields, list, area });
    this.name = (file.name || "picture").replace(/[[\]()\\\n]/g, " ").trim();
    this.row = document.createElement("div");
    this.label = document.createElement("span");
    this.label.textContent = this.name;
    this.bar = progress(this.name);
    this.stop = document.createElement("button");
    this.stop.type = "button";
    this.stop.className = "link-button";
    this.stop.textContent = "Cancel";
    this.stop.addEventListener("click", () => this.cancel());
    this.row.append(this.label, this.bar, this.stop);
    list.append(this.row);
    if (file.type.startsWith("image/")) this.hold();
    else this.fail("is not a picture");
  }

  /** Puts the holding line at the caret, in a paragraph of its own. */
  hold() {
    const { value, selectionEnd: at } = this.area;
    let number = 1;
    do {
      const which = number > 1 ? ` (${number})` : "";
      this.place = `![Uploading ${this.name}${which}…]()`;
      number += 1;
    } while (value.includes(this.place));
    const before = at === 0 || value.slice(0, at).endsWith("\n\n") ? "" : value[at - 1] === "\n" ? "\n" : "\n\n";
    const after = value.slice(at).startsWith("\n\n") ? "" : value[at] === "\n" ? "\n" : "\n\n";
    replace(this.area, at, at, before + this.place + after);
  }

  swap(text) {
    const at = this.area.value.indexOf(this.place);
    if (at < 0) return; // the writer took it out: then it is not wanted
    let to = at + this.place.length;
    if (!text) while (this.area.value[to] === "\n" && to < at + this.place.length + 2) to += 1;
    replaceElsewhere(this.area, at, to, text);
  }

  cancel() {
    this.cancelled = true;
    this.request?.abort();
    if (this.place) this.swap("");
    this.row.remove();
    this.area.focus();
  }

  fail(reason) {
    this.failed = true;
    if (this.place) this.swap("");
    this.label.textContent = `${this.name} ${reason}`;
    this.label.className = "bad";
    this.bar.remove();
    this.stop.textContent = "Dismiss";
    this.cancel = () => this.row.remove();
  }

  async send() {
    if (this.failed || this.cancelled) return;
    const body = new FormData();
    body.append("file", this.file, this.file.name || "picture");
    const { request, done } = send(this.form.dataset.uploadUrl, this.fields.token, body, this.bar);
    this.request = request;
    const { answer, why } = await done;
    if (this.cancelled) return;
    if (why) return this.fail(why);
    this.swap(answer.markdown ?? `![${this.name}](${answer.url})`);
    this.row.remove();
  }
}
