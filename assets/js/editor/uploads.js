// Pictures: dropped, pasted or chosen; a line in the text holds the place until the server has answered.

import { replace, replaceElsewhere } from "./text.js";

const said = {
  413: "is too large",
  415: "is not a picture that can be used here",
  422: "is not a picture that can be used here",
  429: "came too soon after many others; try again in a minute",
  503: "was not taken: the site is busy; try again in a moment",
  401: "was not sent: your session ended",
};

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

  area.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    add(files);
  });

  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  sheet.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    sheet.classList.add("dropping");
  });
  sheet.addEventListener("dragleave", (event) => {
    if (!sheet.contains(event.relatedTarget)) sheet.classList.remove("dropping");
  });
  sheet.addEventListener("drop", (event) => {
    sheet.classList.remove("dropping");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
}

class Upload {
  constructor(file, { form, fields, list, area }) {
    Object.assign(this, { file, form, fields, list, area });
    this.name = (file.name || "picture").replace(/[[\]()\\\n]/g, " ").trim();
    this.row = document.createElement("div");
    this.label = document.createElement("span");
    this.label.textContent = this.name;
    this.bar = document.createElement("progress");
    this.bar.max = 100;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `Uploading ${this.name}`);
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

  send() {
    if (this.failed || this.cancelled) return Promise.resolve();
    return new Promise((resolve) => {
      const request = new XMLHttpRequest(); // fetch cannot tell how far an upload has come
      this.request = request;
      const body = new FormData();
      body.append("file", this.file, this.file.name || "picture");
      request.open("POST", this.form.dataset.uploadUrl);
      request.setRequestHeader("X-CSRFToken", this.fields.token);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) this.bar.value = Math.round((event.loaded / event.total) * 100);
      });
      request.addEventListener("load", () => this.answered(request));
      request.addEventListener("error", () => this.fail("was not sent: the network is away"));
      request.addEventListener("loadend", resolve);
      request.send(body);
    });
  }

  answered(request) {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      // an answer without words: the status has to do
    }
    if (request.status === 201 && answer.url) {
      this.swap(answer.markdown ?? `![${this.name}](${answer.url})`);
      this.row.remove();
    } else if (answer.message) {
      this.fail(`– ${answer.message}`);
    } else {
      this.fail(said[request.status] ?? "could not be saved");
    }
  }
}
