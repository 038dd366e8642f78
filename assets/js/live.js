// What happens elsewhere, on this page at once. A page holds one stream, and only while it is seen: a browser has few connections
// to a site, and whoever looks again is told what they missed. Without this script everything is there after a reload.

let stream;
let after;
let pause = 2_000;
const post = document.querySelector("[data-live-post]");
const profile = document.querySelector("[data-live-profile]");

export function start() {
  if (!post && !profile && !document.body.matches("[data-live]")) return;
  after = post?.dataset.liveAfter;
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", look);
  look();
  if (post && document.querySelector("[data-say]")) watchTyping();
}

let hiding;
function look() {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(close, 20_000);
  else if (!stream) open();
}

function close() {
  stream?.close();
  stream = null;
}

function open() {
  const query = new URLSearchParams();
  if (post) query.set("post", post.dataset.livePost);
  if (profile) query.set("profile", profile.dataset.liveProfile);
  if (post && after) query.set("after", after);
  stream = new EventSource(`/live?${query}`);
  for (const [name, act] of Object.entries(acts)) {
    stream.addEventListener(name, (event) => {
      pause = 2_000;
      if (event.lastEventId) after = event.lastEventId;
      act(JSON.parse(event.data));
    });
  }
  // After an answer that is no stream the browser does not come back by itself.
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return;
    stream = null;
    pause = Math.min(pause * 2, 120_000);
    setTimeout(look, pause * (0.5 + Math.random()));
  });
}

const acts = {
  notifications({ unread_count }) {
    const bell = document.querySelector(".bell");
    if (!bell) return;
    const count = bell.querySelector(".count");
    count.hidden = unread_count === 0;
    count.textContent = unread_count > 99 ? "99+" : unread_count;
    const words = unread_count === 1 ? "1 unread notification" : `${unread_count} unread notifications`;
    bell.setAttribute("aria-label", unread_count === 0 ? "Notifications" : words);
  },
  counts({ like_count, comment_count }) {
    write("likes", like_count);
    write("comments", comment_count);
  },
  readers({ count }) {
    const line = document.querySelector("[data-live-readers]");
    if (!line) return;
    line.hidden = count < 2;
    line.textContent = `${count} reading now`;
  },
  user_typing({ user_id, username, is_typing }) {
    if (is_typing) typing.set(user_id, username);
    else typing.delete(user_id);
    const names = [...typing.values()];
    const line = document.querySelector("[data-live-typing]");
    if (!line) return;
    line.hidden = names.length === 0;
    line.textContent = names.length > 2 ? `${names.length} people are writing …` : `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} writing …`;
  },
  follow_counts({ follower_count, following_count }) {
    write("followers", follower_count);
    write("following", following_count);
    const word = document.querySelector("[data-followers]");
    if (word) word.textContent = follower_count === 1 ? "follower" : "followers";
  },
  comment_likes: ({ comment }) => liked(comment.id, comment.like_count),
  comment_added: ({ comment }) => arrived(comment.id),
  comment_changed: ({ comment }) => changed(comment.id),
  comment_removed: ({ comment }) => changed(comment.id),
  reset: () => offer("There are many new comments", () => location.reload()),
  post_changed: () => offer("This post was changed", () => location.reload()),
  post_gone: close,
  profile_gone: close,
};

const typing = new Map();

const number = (count) => count.toLocaleString(document.documentElement.lang);

/** Shows how many there are of something, wherever the page says so. */
export function write(what, count) {
  for (const place of document.querySelectorAll(`[data-count="${what}"]`)) place.textContent = number(count);
  const title = what === "comments" && document.querySelector("[data-talk-title]");
  if (title) title.textContent = count === 0 ? "Comments" : `${number(count)} ${count === 1 ? "comment" : "comments"}`;
}

const waiting = new Map();

async function arrived(id) {
  if (!document.querySelector(".talk")) return;
  if (document.getElementById(`comment-${id}`)) return changed(id);
  const { fragment } = await import("./thread.js");
  const fresh = await fragment(id);
  if (!fresh || fresh.matches(".gone") || !belongs(fresh)) return;
  // One's own comment comes by the answer to the form, too.
  while (document.querySelector("form[data-say][data-busy]")) await new Promise((done) => setTimeout(done, 50));
  if (document.getElementById(`comment-${id}`) || document.querySelector(`[data-elsewhere] a[href="/comment/${id}"]`)) return;
  waiting.set(id, fresh);
  const name = fresh.getAttribute("aria-label")?.replace("Comment by ", "") ?? "somebody";
  say(waiting.size === 1 ? `New comment by ${name}` : `${waiting.size} new comments`);
  offerNew("Show");
}

// Nothing moves under whoever reads.
function offerNew(verb) {
  if (waiting.size) offer(`${verb} ${waiting.size} new ${waiting.size === 1 ? "comment" : "comments"}`, show);
  else document.querySelector("[data-live-offer]")?.remove();
}

async function show() {
  const { place } = await import("./thread.js");
  let first;
  // What is answered has the lower number.
  for (const [id, fresh] of [...waiting].sort(([one], [other]) => one - other)) {
    if (!place(fresh)) continue;
    first ??= fresh;
    waiting.delete(id);
  }
  // What has its place on another page is found there.
  if (!first) return location.assign(`/comment/${waiting.keys().next().value}`);
  if (waiting.size) offerNew("Go to");
  document.querySelector("[data-nothing]")?.remove();
  first.focus();
}

// On the page of one branch, what is said elsewhere is no news; nor what stands on a later page of it.
function belongs(fresh) {
  const branch = post?.dataset.liveBranch;
  if (branch === undefined) return true;
  const parent = document.getElementById(`comment-${fresh.dataset.parent}`) ?? waiting.get(Number(fresh.dataset.parent));
  return branch === "open" && Boolean(fresh.dataset.parent) && Boolean(parent);
}

async function changed(id) {
  if (!document.getElementById(`comment-${id}`) && !waiting.has(id)) return;
  const { drop, fragment, swap } = await import("./thread.js");
  const fresh = await fragment(id);
  // While nothing is known of it, everything stays.
  if (fresh === undefined) return;
  if (waiting.has(id)) {
    if (fresh) return waiting.set(id, fresh);
    waiting.delete(id);
    return offerNew("Show");
  }
  const known = document.getElementById(`comment-${id}`);
  // What is being changed stays until that is done.
  if (!known || known.querySelector("form[data-say]")) return;
  if (fresh) swap(known, fresh);
  else drop(known);
}

function liked(id, count) {
  const line = (waiting.get(id) ?? document.getElementById(`comment-${id}`))?.querySelector("[data-likes]");
  if (!line) return;
  line.textContent = `${number(count)} ${count === 1 ? "like" : "likes"}`;
  line.hidden = count === 0;
}

function offer(text, act) {
  let button = document.querySelector("[data-live-offer]");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "button strong live-offer";
    button.dataset.liveOffer = "";
    document.querySelector("main").append(button);
  }
  button.textContent = text;
  button.onclick = () => {
    button.remove();
    act();
  };
}

function say(text) {
  const line = document.querySelector("[data-live-said]");
  if (line) line.textContent = text;
}

function watchTyping() {
  let told = 0;
  let rest;
  const tell = (is_typing) => {
    told = is_typing ? Date.now() : 0;
    fetch(`/live/post/${post.dataset.livePost}/typing`, {
      method: "POST",
      keepalive: true,
      headers: { "content-type": "application/json", "x-csrftoken": document.querySelector("[data-say] [name=csrf_token]").value },
      body: JSON.stringify({ is_typing }),
    }).catch(() => {});
  };
  document.addEventListener("input", (event) => {
    if (!event.target.closest("[data-say]")) return;
    if (Date.now() - told > 3_000) tell(true);
    clearTimeout(rest);
    rest = setTimeout(() => tell(false), 1_000);
  });
}
