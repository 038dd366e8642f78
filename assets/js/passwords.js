// Password fields: show what is typed, and say how many characters are missing (data-least). No other judgement is made
// in the browser: whether a password is good, the server decides.

export function start(root) {
  for (const field of root.querySelectorAll(".secret > input[type=password]")) {
    reveal(field);
    if (field.dataset.least) count(field, Number(field.dataset.least));
  }
}

function reveal(field) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  const show = (visible) => {
    field.type = visible ? "text" : "password";
    button.textContent = visible ? "Hide" : "Show";
    button.setAttribute("aria-label", visible ? "Hide password" : "Show password");
  };
  show(false);
  button.addEventListener("click", () => show(field.type === "password"));
  field.form?.addEventListener("submit", () => show(false)); // or the browser would remember it as plain text
  field.after(button);
}

function count(field, least) {
  const hint = document.createElement("small");
  hint.setAttribute("aria-live", "polite");
  field.closest(".field").append(hint);
  field.addEventListener("input", () => {
    const missing = least - [...field.value].length;
    hint.classList.toggle("good", missing <= 0);
    if (!field.value) hint.textContent = "";
    else if (missing > 0) hint.textContent = missing === 1 ? "1 more character" : `${missing} more characters`;
    else hint.textContent = "Long enough. Longer is better: three or four words that do not belong together.";
  });
}
