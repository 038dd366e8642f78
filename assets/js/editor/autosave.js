// Saves while somebody writes: 1.5 s after the last key, at most every 5 s, one request at a time, and further and
// further apart while it fails. Whatever is not on the server is in the backup.

import { say } from "../forms.js";

const quiet = 1500;
const apart = 5000;
const longest = 60000;
const kept = "kept in this browser";

export class Autosave {
  #saved;
  #savedAt = null;
  #timer = 0;
  #since = 0;
  #started = 0;
  #failures = 0;
  #notBefore = 0;
  #request = null;
  #held = false;
  #stopped = false; // until the writer acts: a conflict, a session that ended, a mistake

  constructor(fields, status, backup) {
    Object.assign(this, { fields, status, backup, form: fields.form, onConflict: () => {} });
    this.#saved = fields.unsaved ? "" : fields.print();
    // the server shows two texts: the writer chooses with a button, not with the next key
    if (document.getElementById("clash")) this.#stopped = "conflict";
    addEventListener("online", () => this.unsaved && this.#soon(0));
    addEventListener("offline", () => this.unsaved && this.#offline());
    addEventListener("focus", () => this.#stopped === "session" && this.now());
  }

  get unsaved() { return !this.#held && this.fields.print() !== this.#saved; }
  get busy() { return this.#request !== null; }
  settled() { return this.#request ?? Promise.resolve(); }

  /** The form itself is on its way: nothing else may be sent. */
  hold() {
    clearTimeout(this.#timer);
    this.#held = true;
  }

  release() { this.#held = false; }

  changed() {
    if (!this.unsaved) return;
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.unsaved && this.backup.keep(), 300);
    if (this.#stopped === "mistake") this.#stopped = false;
    if (this.#stopped || this.fields.empty) return;
    const now = Date.now();
    this.#since ||= now;
    if (!this.busy) this.status.say("Not saved yet");
    const due = Math.min(now + quiet, this.#since + apart);
    this.#soon(Math.max(due, this.#started + apart, this.#notBefore) - now);
  }

  /** The writer asks for it, or it is the last chance. */
  now() {
    if (this.fields.empty) return this.status.say("Nothing to save yet");
    if (!this.unsaved && !this.#stopped) return this.#savedAt ? this.status.saved(this.#savedAt) : this.status.say("Nothing new to save");
    if (this.#stopped === "conflict") return document.getElementById("clash")?.focus();
    this.#stopped = false;
    this.#soon(0);
  }

  /** The conflict is decided: from here on ours follows theirs. */
  resolved(version) {
    this.#stopped = false;
    this.fields.version = version;
    this.#saved = "";
    this.#soon(0);
  }

  #soon(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), Math.max(0, wait));
  }

  #save() {
    if (this.busy || this.#held || this.#stopped || !this.unsaved || this.fields.empty) return;
    this.#request = this.#send().finally(() => {
      this.#request = null;
      if (this.unsaved && !this.#stopped && !this.#failures) this.changed();
    });
  }

  async #send(again = false) {
    const values = this.fields.values();
    const print = JSON.stringify(values);
    this.#started = Date.now();
    this.#since = 0;
    this.status.say("Saving…");
    let response;
    let body = {};
    try {
      response = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.fields.token },
        body: JSON.stringify({ ...values, version: this.fields.version }),
        signal: AbortSignal.timeout(20000),
      });
      body = await response.json().catch(() => ({}));
    } catch {
      this.#offline();
      return this.#later();
    }
    if (response.ok && !response.redirected) return this.#done(print, body);
    this.backup.keep();
    let answer = response.redirected ? 401 : response.status; // sent on to the login page
    switch (answer) {
      case 409:
        this.#stopped = "conflict";
        this.status.say("Somebody else saved a newer version", "bad");
        return this.onConflict(body);
      case 422:
        this.#stopped = "mistake";
        return this.#mistakes(body.errors ?? {});
      case 413:
        this.#stopped = "mistake";
        return this.status.say(`Not saved – the text is too long, ${kept}`, "bad");
      case 429: {
        const wait = Number(response.headers.get("Retry-After")) || 30;
        this.status.say(`Saving again in ${wait} s – ${kept} till then`, "warn");
        return this.#later(wait * 1000);
      }
      case 401:
      case 403:
        // somebody may have logged in again in another tab: then this page only needs the new token
        if (!again) {
          const fresh = await this.#freshToken();
          if (fresh === "new") return this.#send(true);
          if (fresh === "login") answer = 401; // a token of a session that is over is refused before anybody asks who it is
        }
        this.#stopped = answer === 401 ? "session" : "mistake";
        if (answer === 403) return this.status.say(`Not saved – you may not change this post now, ${kept}`, "bad");
        return this.status.say("Your session ended – log in in another tab, then save again.", "bad", { text: "Log in", url: "/auth/login" });
      default:
        this.status.say(`Not saved – the server has a problem, ${kept}`, "warn");
        return this.#later();
    }
  }

  #done(print, answer) {
    this.#failures = 0;
    this.#notBefore = 0;
    this.#saved = print;
    this.fields.version = answer.version ?? this.fields.version;
    for (const field of this.form.querySelectorAll("[aria-invalid=true]")) say(field, "");
    if (answer.post_id && answer.post_id !== Number(this.form.dataset.postId || 0)) this.#adopt(answer);
    if (this.unsaved) return this.status.say("Not saved yet");
    clearTimeout(this.keeping);
    this.backup.drop();
    this.#savedAt = answer.saved_at ?? Date.now();
    this.status.saved(this.#savedAt);
  }

  /** The first save of a new post made it a draft: from now on this page edits that one. */
  #adopt(answer) {
    this.form.dataset.postId = answer.post_id;
    if (answer.autosave_url) this.form.dataset.autosaveUrl = answer.autosave_url;
    if (answer.action) this.form.setAttribute("action", answer.action);
    if (answer.edit_url) history.replaceState(history.state, "", answer.edit_url);
    this.backup.adopt(answer.post_id);
  }

  #mistakes(errors) {
    const messages = Object.entries(errors);
    for (const [name, message] of messages) {
      const field = this.form.elements[name];
      if (field?.closest) say(field, message);
    }
    const first = messages.length ? `: ${messages[0][1]}` : "";
    this.status.say(`Not saved${first} (${kept})`, "bad");
  }

  #offline() {
    const safe = this.backup.keep();
    this.status.say(safe ? `Not saved – offline, ${kept}` : "Not saved – offline. Keep this page open.", "warn");
  }

  #later(wait = Math.min(longest, 2000 * 2 ** this.#failures)) {
    this.#failures += 1;
    this.#notBefore = Date.now() + wait;
    this.#soon(wait);
  }

  /** Looks whether this page would have another token now ("new"), or has to log in first ("login"). */
  async #freshToken() {
    try {
      const page = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (page.redirected) return "login";
      const token = page.ok && (await page.text()).match(/name="csrf_token" value="([^"]+)"/)?.[1];
      if (!token || token === this.fields.token) return "";
      this.fields.token = token;
      return "new";
    } catch {
      return "";
    }
  }
}
