// The line that says how the text stands, and how long it is.

import { locale } from "../times.js";

const wordsAMinute = 200; // R-SOCIAL.8
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });

export class Status {
  constructor(form) {
    this.line = form.querySelector("[data-save-state]");
    this.counts = form.querySelector("[data-counts]");
  }

  /** tone: "", "good", "warn" or "bad"; link: {text, url} opens in another tab. */
  say(text, tone = "", link = null) {
    if (!this.line || (this.line.textContent === text && !link)) return;
    this.line.dataset.tone = tone;
    this.line.textContent = text;
    if (!link) return;
    const anchor = document.createElement("a");
    anchor.href = link.url;
    anchor.target = "_blank";
    anchor.rel = "noopener";
    anchor.textContent = link.text;
    this.line.append(" ", anchor);
  }

  saved(at) { this.say(`Saved ${clock.format(new Date(at ?? Date.now()))}`, "good"); }

  count(text) {
    if (!this.counts) return;
    const words = text.match(/[\p{L}\p{N}]+(?:['’\-][\p{L}\p{N}]+)*/gu)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / wordsAMinute));
    this.counts.textContent = `${words.toLocaleString("en")} ${words === 1 ? "word" : "words"}, ${minutes} min`;
  }
}
