// Like, keep and follow without leaving the page. Without this script the forms do the same.

const send = async (form) => {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { accept: "application/json" },
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};

const show = {
  like(form, button, state) {
    button.setAttribute("aria-pressed", String(state.liked));
    for (const number of document.querySelectorAll('[data-count="likes"]')) {
      number.textContent = state.like_count.toLocaleString("en");
    }
  },
  bookmark(form, button, state) {
    button.setAttribute("aria-pressed", String(state.bookmarked));
  },
  follow(form, button, state) {
    for (const other of document.querySelectorAll('form[data-act="follow"]')) {
      if (other.action !== form.action) continue;
      const press = other.querySelector("button");
      press.setAttribute("aria-pressed", String(state.following));
      press.classList.toggle("strong", !state.following);
      // Whom, is said behind the word.
      press.firstChild.textContent = state.following ? "Following" : "Follow";
    }
  },
};

export function start(root) {
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    const act = show[form.dataset?.act];
    if (!act) return;
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    try {
      act(form, button, await send(form));
      button.disabled = false;
      button.focus();
    } catch {
      // The plain form says what is wrong: logged out, too often, gone.
      form.submit();
    }
  });
}
