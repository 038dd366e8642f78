// Where comments stand: fetching one, and putting it in its place, in the order and as deep as the server does. What stands on
// another page is never put on this one.

import { element } from "./html.js";
import { start as startTimes } from "./times.js";

const talk = document.querySelector(".talk");

/** One comment as the server shows it to this reader: null where nothing of it stands, undefined when that is not known. */
export async function fragment(id) {
  try {
    const response = await fetch(`${talk.dataset.post}/comments/${id}`, { headers: { accept: "text/html" } });
    if (response.status === 404 || response.status === 410) return null;
    if (!response.ok || response.redirected) return undefined;
    const fresh = element(await response.text());
    if (fresh) startTimes(fresh);
    return fresh ?? undefined;
  } catch {
    return undefined;
  }
}

/** Shows a comment anew where it stands; what hangs on it and what is being written to it stay. */
export function swap(known, fresh) {
  const isHeld = known.contains(document.activeElement);
  known.replaceWith(fresh);
  settle(fresh);
  if (isHeld) fresh.focus({ preventScroll: true });
}

/** Takes a comment away of which nothing stands any more. Where something hangs on it, or is being written to it, its place stays. */
export function drop(known) {
  const item = known.closest("li");
  if (item.querySelector("li, .say, .further")) return empty(known);
  const list = item.parentElement;
  const parent = above(item)?.querySelector(".comment");
  item.remove();
  if (!parent || list.childElementCount) return;
  (list.parentElement.matches("details") ? list.parentElement : list).remove();
  if (parent.matches(".gone")) drop(parent);
}

function empty(comment) {
  if (comment.matches(".gone")) return;
  const line = document.createElement("p");
  line.textContent = "This comment is not there any more.";
  comment.className = "comment gone";
  comment.removeAttribute("aria-label");
  comment.replaceChildren(line);
}

/** Puts a comment where it belongs: over its older self, below what it answers, or in its order among those at the top. False
 * when that place is on another page. */
export function place(fresh) {
  const known = document.getElementById(fresh.id);
  if (known) {
    swap(known, fresh);
    return true;
  }
  const item = document.createElement("li");
  item.append(fresh);
  const isHere = fresh.dataset.parent ? putBelow(document.getElementById(`comment-${fresh.dataset.parent}`), item) : putAtTop(item);
  if (isHere) settle(fresh);
  return isHere;
}

// What stands below its parent need not say what it answers.
function settle(fresh) {
  const item = fresh.closest("li");
  if (item && above(item)?.querySelector(".comment").dataset.comment === fresh.dataset.parent) fresh.querySelector(".answers")?.remove();
}

const above = (item) => item.parentElement.closest(".thread li");
const marks = (item) => item.querySelector(".comment").dataset;
const number = (item) => Number(marks(item).comment);

// Answers are set in so many times, as the server does it.
const LEVELS = 4;

function putBelow(parent, item) {
  let top = parent?.closest("li");
  let levels = 1;
  for (let up; top && (up = above(top)); top = up) levels += 1;
  // After so many answers they have a page of their own.
  if (!top || top.querySelector(":scope > .further:not([data-elsewhere])")) return false;
  if (levels > LEVELS) after(parent.closest("li")).after(item);
  else {
    const answers = list(parent.closest("li"));
    const isLater = (other) => marks(other).parent === marks(item).parent && number(other) > number(item);
    answers.insertBefore(item, [...answers.children].find(isLater) ?? null);
  }
  return true;
}

// The last of those that stand beside a comment and hang on it.
function after(item) {
  const hang = new Set([marks(item).comment]);
  for (let next; (next = item.nextElementSibling) && hang.has(marks(next).parent); item = next) hang.add(marks(next).comment);
  return item;
}

function list(parent) {
  const known = parent.querySelector(":scope > ol, :scope > details > ol");
  if (known) {
    if (known.parentElement.matches("details")) known.parentElement.open = true;
    return known;
  }
  const made = document.createElement("ol");
  parent.append(made);
  return made;
}

// Whether the first of two stands before the other, in each order.
const orders = {
  newest: (one, other) => number(one) > number(other),
  best: (one, other) => worth(one) > worth(other) || (worth(one) === worth(other) && number(one) > number(other)),
};
const oldest = (one, other) => number(one) < number(other);

function worth(item) {
  const likes = item.querySelector(":scope > .comment [data-likes]")?.textContent.replace(/\D/g, "") ?? 0;
  return 3 * likes + item.querySelectorAll(":scope > ol > li > .comment:not(.gone), :scope > details > ol > li > .comment:not(.gone)").length;
}

function putAtTop(item) {
  const thread = talk.querySelector(".thread");
  const isBefore = orders[new URLSearchParams(location.search).get("sort")] ?? oldest;
  const next = [...thread.children].find((other) => isBefore(item, other)) ?? null;
  // At either end it may belong to the page before or after this one.
  const goesOn = (way) => talk.querySelector(`:scope > .further > [rel=${way}]`);
  if ((!next && goesOn("next")) || (next === thread.firstElementChild && goesOn("prev"))) return false;
  thread.insertBefore(item, next);
  return true;
}
