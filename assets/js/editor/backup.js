// Unsaved text, kept in this browser under data-storage-key ("streamly:{user id}:post:{post id or new}").

export class Backup {
  constructor(fields) {
    this.fields = fields;
    this.key = fields.form.dataset.storageKey;
  }

  keep() {
    if (!this.key || this.fields.empty) return false;
    const kept = { at: Date.now(), version: this.fields.version, values: this.fields.values() };
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
      return true;
    } catch {
      return false; // full, or forbidden: the page itself still holds the text
    }
  }

  drop() {
    if (this.key) localStorage.removeItem(this.key);
  }

  /** A new post has got its number. */
  adopt(postId) {
    if (!this.key?.endsWith(":new")) return;
    const old = this.key;
    this.key = old.replace(/new$/, postId);
    this.fields.form.dataset.storageKey = this.key;
    const kept = localStorage.getItem(old);
    localStorage.removeItem(old);
    if (kept) this.keep();
  }

  /** What was kept, if it is not what the page shows anyhow. */
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
      if (!kept?.values) return null;
      const shown = this.fields.values();
      const same = Object.entries(kept.values).every(([name, value]) => (shown[name] ?? "").trim() === value.trim());
      if (!same) return kept;
      if (!this.fields.unsaved) this.drop();
    } catch {
      // not ours, or broken: leave it
    }
    return null;
  }
}
