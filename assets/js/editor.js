// The writing page. Without this file it is a form; with it, the text is saved as it is written, shown as it will be, and
// never lost: what the server does not have is kept in this browser.

import { Autosave } from "./editor/autosave.js";
import { Backup } from "./editor/backup.js";
import { conflict, offer } from "./editor/clash.js";
import { startCover } from "./editor/cover.js";
import { Fields } from "./editor/fields.js";
import { Preview } from "./editor/preview.js";
import { Status } from "./editor/status.js";
import { startTools } from "./editor/tools.js";
import { startUploads } from "./editor/uploads.js";

const form = document.getElementById("post-form");
if (form) start(form);

function start(form) {
  const fields = new Fields(form);
  const status = new Status(form);
  const backup = new Backup(fields);
  const autosave = new Autosave(fields, status, backup);
  const preview = new Preview(fields);

  startTools(form, { save: () => autosave.now(), publish: () => openPublish(form) });
  startUploads(form, fields);
  startCover(form, fields, () => autosave.changed());

  autosave.onConflict = (theirs) => conflict(form, fields, theirs, autosave);
  offer(form, fields, backup);

  form.addEventListener("input", (event) => {
    if (!event.target.name) return;
    status.count(fields.content.value);
    autosave.changed();
    preview.changed();
  });
  form.addEventListener("change", (event) => {
    if (event.target.name && event.target.type !== "file") autosave.changed();
  });
  fields.title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) openPublish(form);
    else fields.content.focus();
  });

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (autosave.busy) {
      // its answer carries the version that this form has to send
      event.preventDefault();
      autosave.settled().then(() => form.requestSubmit(event.submitter));
      return;
    }
    autosave.hold();
    backup.keep();
    sessionStorage.setItem("streamly:sent", backup.key);
  });
  addEventListener("pageshow", (event) => event.persisted && autosave.release());
  addEventListener("beforeunload", (event) => {
    if (autosave.unsaved) event.preventDefault();
  });
  addEventListener("pagehide", () => autosave.unsaved && backup.keep());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && autosave.unsaved) {
      backup.keep();
      autosave.now();
    }
  });

  status.count(fields.content.value);
  preview.start();
}

function openPublish(form) {
  const panel = form.querySelector("details.publish");
  if (!panel) return;
  panel.open = true;
  panel.querySelector(".panel :is(input, select, textarea, button):not([type=hidden])")?.focus();
}
