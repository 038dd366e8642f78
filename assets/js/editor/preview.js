// The text as readers will see it, made by the server's own renderer, which has cleaned it.

import { trusted } from "../html.js";
import { start as startTimes } from "../times.js";

const wait = 400;

export class Preview {
  #timer = 0;
  #shown = null;
  #abort = null;

  constructor(fields) {
    this.fields = fields;
    this.form = fields.form;
    this.bench = this.form.closest(".bench");
    this.section = this.bench.querySelector(".preview");
    this.heading = this.section?.querySelector("[data-preview-title]");
    this.prose = this.section?.querySelector(".prose");
    this.switch = this.bench.querySelector(".switch");
  }

  start() {
    if (!this.section) return;
    this.section.hidden = false;
    if (this.switch) {
      this.switch.hidden = false;
      this.switch.addEventListener("click", (event) => this.#turn(event.target.closest("button")?.dataset.view));
      const beside = localStorage.getItem("streamly:preview") !== "off";
      this.#turn(matchMedia("(min-width: 62rem)").matches && beside ? "both" : "write", false);
    }
    this.#show();
  }

  changed() {
    if (this.heading) this.heading.textContent = this.fields.title.value || "Untitled";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), wait);
  }

  /** "write": the sheet alone; "look": the preview alone, on a phone; "both": side by side */
  #turn(view, remember = true) {
    if (!view) return;
    this.bench.classList.toggle("looking", view === "look");
    this.bench.classList.toggle("alone", view === "write");
    for (const button of this.switch.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    if (remember) localStorage.setItem("streamly:preview", view === "write" ? "off" : "on");
    if (view !== "write") this.#show();
  }

  async #show() {
    const content = this.fields.content.value;
    if (this.heading) this.heading.textContent = this.fields.title.value || "Untitled";
    if (!this.section?.checkVisibility() || content === this.#shown) return;
    this.#abort?.abort();
    this.#abort = new AbortController();
    this.section.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(this.form.dataset.previewUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.fields.token },
        body: JSON.stringify({ content }),
        signal: this.#abort.signal,
      });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      this.#put(await response.text());
      this.#shown = content;
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!this.prose.childElementCount) this.#note("The preview cannot be had just now. What you write is not touched by that.");
    }
    this.section.removeAttribute("aria-busy");
  }

  #put(html) {
    const parsed = new DOMParser().parseFromString(trusted(html), "text/html");
    this.prose.replaceChildren(...parsed.body.childNodes);
    startTimes(this.prose);
    if (!this.prose.childElementCount) this.#note("What you write will appear here.");
  }

  #note(text) {
    const note = document.createElement("p");
    note.className = "hush";
    note.textContent = text;
    this.prose.replaceChildren(note);
  }
}
