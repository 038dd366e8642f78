// Comments in place: like, answer, change and write without leaving the page. Whatever goes wrong, the form is sent as if there
// were no script, so the server's own page says why and keeps what was typed.

import { element } from "./html.js";

const talk = document.querySelector(".talk");

export function start() {
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

async function said(form, { id, message, comment_count }) {
  const [{ write }, { fragment, place }] = await Promise.all([import("./live.js"), import("./thread.js")]);
  const fresh = await fragment(id);
  if (!fresh) return location.assign(`/comment/${id}`);
  if (comment_count !== undefined) write("comments", comment_count);
  const prose = form.closest(".comment")?.querySelector(".prose");
  const isHere = place(fresh);
  if (!isHere) lead(form, id, message);
  if (prose || form.closest("li > .say")) {
    prose?.removeAttribute("hidden");
    form.remove();
  } else {
    form.reset();
    form.elements.nonce.value = nonce();
  }
  say(message);
  if (!isHere) return;
  talk.querySelector("[data-nothing]")?.remove();
  const here = document.getElementById(`comment-${id}`);
  here.classList.add("here");
  here.focus({ preventScroll: true });
  here.scrollIntoView({ block: "nearest" });
}

// What stands on another page is not put here, where it would be in the wrong place: a line leads to it.
function lead(form, id, message) {
  talk.querySelector("[data-elsewhere]")?.remove();
  const line = document.createElement("p");
  line.className = "further";
  line.dataset.elsewhere = "";
  const link = document.createElement("a");
  link.href = `/comment/${id}`;
  link.textContent = "Go to it";
  line.append(message, " ", link);
  form.after(line);
  link.focus();
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
    // The comment may have been shown anew meanwhile.
    const back = link.isConnected ? link : form.closest("li")?.querySelector(".comment");
    form.remove();
    done();
    back?.focus();
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
