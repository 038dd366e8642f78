// What the form holds, as the server's JSON names it.

const notText = new Set(["csrf_token", "version", "status"]);

export class Fields {
  constructor(form) {
    this.form = form;
    this.title = form.elements.title;
    this.content = form.elements.content;
  }

  /** The server sent back what it did not take: shown here, and kept nowhere else. */
  get unsaved() { return "unsaved" in this.form.dataset; }

  get token() { return this.form.elements.csrf_token.value; }
  set token(value) { this.form.elements.csrf_token.value = value; }

  get version() { return Number(this.form.elements.version?.value || this.form.dataset.version || 0); }
  set version(value) {
    this.form.dataset.version = value;
    if (this.form.elements.version) this.form.elements.version.value = value;
  }

  /** The values of all fields that are text, line ends as "\n". */
  values() {
    const values = {};
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && !notText.has(name)) values[name] = value.replace(/\r\n?/g, "\n");
    }
    return values;
  }

  /** One string to tell whether anything changed. */
  print() { return JSON.stringify(this.values()); }

  get empty() { return !this.title.value.trim() && !this.content.value.trim(); }

  /** Puts values back, the text itself so that "undo" returns what was there. */
  fill(values, replace) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.form.elements[name];
      if (!field || typeof value !== "string" || notText.has(name)) continue;
      if (field === this.content) replace(field, 0, field.value.length, value);
      else if (field.type === "checkbox") field.checked = field.value === value;
      else field.value = value;
    }
    this.content.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
