// Comments in place: like, answer, change and write without leaving the page. Whatever goes wrong, the form is sent as if there
// were no script, so the server's own page says why and keeps what was typed.

import { element } from "./html.js";
import { start as startTimes } from "./times.js";

let talk;

export function start() {
  talk = document.querySelector(".talk");
  document.addEventListener("submit", submit);
  talk.addEventListener("click", click);
  const desk = document.querySelector("[data-desk]");
  if (desk) document.addEventListener("keydown", (event) => decide(event, desk));
  arrive();
}

// A link to a comment inside a fold opens it.
function arrive() {
  const target = location.hash.startsWith("#comment-") && document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView({ block: "center" });
}

const forms = "[data-like], [data-say]";

async function submit(event) {
  const form = event.target;
  if (event.defaultPrevented || !form.matches(forms)) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const answer = await send(form, event.submitter);
  if (answer && form.matches("[data-like]")) like(form, answer);
  else if (answer) await said(form, answer);
  delete form.dataset.busy;
  if (!answer) plainly(form, event.submitter);
}

async function send(form, button) {
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const response = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
    return response.ok && response.headers.get("content-type")?.startsWith("application/json") ? await response.json() : null;
  } catch {
    return null;
  }
}

// form.submit() asks no script again; the pressed button's value goes along in a field.
function plainly(form, button) {
  if (button?.name) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = button.name;
    field.value = button.value;
    form.append(field);
  }
  form.submit();
}

function like(form, { liked, count, label }) {
  const button = form.querySelector("button");
  button.value = String(!liked);
  button.classList.toggle("on", liked);
  button.setAttribute("aria-pressed", liked);
  const likes = form.parentElement.querySelector("[data-likes]");
  likes.textContent = label;
  likes.hidden = count === 0;
}

async function said(form, { id, message }) {
  const fresh = await fragment(id);
  if (!fresh) return location.assign(`/comment/${id}`);
  place(fresh);
  if (form.closest(".comment, li > .say")) {
    form.closest(".comment")?.querySelector(".prose")?.removeAttribute("hidden");
    form.remove();
  } else {
    form.reset();
    form.elements.nonce.value = nonce();
  }
  talk.querySelector("[data-nothing]")?.remove();
  const here = document.getElementById(`comment-${id}`);
  here.classList.add("here");
  here.focus({ preventScroll: true });
  here.scrollIntoView({ block: "nearest" });
  say(message);
}

/** One comment as the server shows it to this reader; null when it is not for them. */
export async function fragment(id) {
  const response = await fetch(`${talk.dataset.post}/comments/${id}`, { headers: { accept: "text/html" } });
  if (!response.ok || response.redirected) return null;
  const fresh = element(await response.text());
  if (fresh) startTimes(fresh);
  return fresh;
}

/** Puts a comment where it belongs: over its older self, or below what it answers, or at the end. */
export function place(fresh) {
  const known = document.getElementById(fresh.id);
  if (known) return known.replaceWith(fresh);
  const item = document.createElement("li");
  item.append(fresh);
  const parent = document.getElementById(`comment-${fresh.dataset.parent}`)?.closest("li");
  // What stands below its parent need not say what it answers.
  if (parent) fresh.querySelector(".answers")?.remove();
  list(parent).append(item);
}

function list(parent) {
  if (!parent) return talk.querySelector(".thread");
  const known = parent.querySelector(":scope > ol, :scope > details > ol");
  if (known) {
    if (known.parentElement.matches("details")) known.parentElement.open = true;
    return known;
  }
  const made = document.createElement("ol");
  parent.append(made);
  return made;
}

function click(event) {
  const link = event.target.closest("a[data-reply], a[data-edit]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches("[data-edit]")) {
    event.preventDefault();
    return edit(link);
  }
  const first = talk.querySelector("form[data-say]");
  if (!first) return;
  event.preventDefault();
  reply(link, first);
}

function reply(link, first) {
  const comment = link.closest(".comment");
  const open = comment.nextElementSibling;
  if (open?.matches(".say")) return open.querySelector("textarea").focus();
  const form = first.cloneNode(true);
  const name = comment.getAttribute("aria-label").replace("Comment by ", "");
  prepare(form, `reply-${comment.dataset.comment}`, `Your answer to ${name}`, "Answer");
  form.elements.parent_id.value = comment.dataset.comment;
  form.elements.nonce.value = nonce();
  form.elements.content.value = "";
  form.querySelector(".row").append(leave(form, link));
  comment.after(form);
  form.elements.content.focus();
}

async function edit(link) {
  const comment = link.closest(".comment");
  const response = await fetch(link.href).catch(() => null);
  if (!response?.ok || response.redirected) return location.assign(link.href);
  const form = element(`<div>${await response.text()}</div>`)?.querySelector(`form[action="${new URL(link.href).pathname}"]`);
  if (!form) return location.assign(link.href);
  form.className = "say";
  form.dataset.say = "";
  prepare(form, `edit-${comment.dataset.comment}`, "Your comment", "Save");
  const prose = comment.querySelector(".prose");
  prose.hidden = true;
  form.querySelector(".row").replaceChildren(form.querySelector(".row > button"), leave(form, link, () => (prose.hidden = false)));
  prose.after(form);
  form.elements.content.focus();
}

function prepare(form, id, label, action) {
  const area = form.elements.content;
  const hint = form.querySelector("small");
  area.id = id;
  if (hint) hint.id = `${id}-hint`;
  area.setAttribute("aria-describedby", `${id}-hint`);
  form.querySelector("label").htmlFor = id;
  form.querySelector("label").textContent = label;
  form.querySelector("button").textContent = action;
  form.querySelector("button").disabled = false;
}

function leave(form, link, done = () => {}) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Leave it";
  button.addEventListener("click", () => {
    form.remove();
    done();
    link.focus();
  });
  return button;
}

// The mark of a form that the page did not bring along.
function nonce() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function say(message) {
  let line = talk.querySelector("[data-said]");
  if (!line) {
    line = document.createElement("p");
    line.dataset.said = "";
    line.className = "visually-hidden";
    line.setAttribute("role", "status");
    talk.append(line);
  }
  line.textContent = message;
}

// One decision a key on the moderators' desk; never while something is being typed.
function decide(event, desk) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea")) return;
  const cases = [...desk.querySelectorAll(".case")];
  const at = cases.findIndex((box) => box.contains(document.activeElement));
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    const next = cases[Math.min(Math.max(at + (key === "j" ? 1 : -1), 0), cases.length - 1)];
    next?.querySelector("input[type=checkbox]").focus();
    event.preventDefault();
    return;
  }
  const button = cases[Math.max(at, 0)]?.querySelector(`[data-key="${key}"]`);
  if (at < 0 || !button) return;
  event.preventDefault();
  button.click();
}
