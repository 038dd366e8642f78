// Forms: ask before what cannot be undone, send once, and say what is missing beside the field (R-FORM.14).
// The server decides all of it again.

export function start() {
  document.addEventListener("submit", ask);
  document.addEventListener("submit", sendOnce);
  addEventListener("pageshow", wake);
  for (const form of document.querySelectorAll("form[method=post]:not([novalidate], #post-form)")) check(form);
}

// <form data-confirm="Delete this post?" data-confirm-action="Delete"> or the same on a button
function ask(event) {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (!question || form.dataset.confirmed || event.defaultPrevented) return;
  event.preventDefault();
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const text = document.createElement("p");
  text.id = "ask-text";
  text.textContent = question;
  dialog.setAttribute("aria-labelledby", text.id);
  const answers = document.createElement("form");
  answers.method = "dialog";
  answers.className = "row";
  const action = button?.dataset.confirmAction ?? form.dataset.confirmAction ?? (button?.textContent.trim() || "Yes");
  answers.append(answer("Cancel", "", "button"), answer(action, "yes", "button danger strong"));
  dialog.append(text, answers);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return button?.focus();
    form.dataset.confirmed = "yes";
    form.requestSubmit(button);
    delete form.dataset.confirmed;
  });
  document.body.append(dialog);
  dialog.showModal();
}

function answer(text, value, className) {
  const button = document.createElement("button");
  button.value = value;
  button.className = className;
  button.textContent = text;
  return button;
}

// The button rests once its form is on the way: not before, or its own name and value would not be sent.
function sendOnce(event) {
  const button = event.submitter;
  if (!button || event.target.method !== "post" || event.target.target) return;
  setTimeout(() => {
    if (event.defaultPrevented) return;
    button.disabled = true;
    button.dataset.resting = "yes";
    setTimeout(() => wake(), 15000);
  });
}

function wake() {
  for (const button of document.querySelectorAll("button[data-resting]")) {
    button.disabled = false;
    delete button.dataset.resting;
  }
}

function check(form) {
  form.noValidate = true;
  form.addEventListener("focusout", ({ target }) => {
    if (target.willValidate && target.value !== target.defaultValue && target.type !== "checkbox") judge(target);
  });
  form.addEventListener("input", ({ target }) => {
    if (bearer(target).getAttribute("aria-invalid") === "true") judge(target);
    for (const twin of form.querySelectorAll("[data-same-as]")) {
      if ((twin === target || twin.dataset.sameAs === target.name) && twin.value) judge(twin);
    }
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formNoValidate) return;
    // Of a group of radios the first is judged for all.
    const isJudged = (field) => field.willValidate && (field.type !== "radio" || field === form.querySelector(`[type=radio][name="${field.name}"]`));
    const wrong = [...form.elements].filter((field) => isJudged(field) && !judge(field));
    if (!wrong.length) return;
    event.preventDefault();
    event.stopPropagation();
    wrong[0].focus();
  });
}

function judge(field) {
  const twin = field.dataset.sameAs && field.form.elements[field.dataset.sameAs];
  field.setCustomValidity(twin && field.value !== twin.value ? "The two are not the same." : "");
  const missing = field.type === "radio" ? "Please choose one." : "Please fill this in.";
  const message = field.validity.valueMissing ? missing : field.validationMessage;
  say(field, message);
  const short = [...field.value].length < Number(field.dataset.least ?? 0);
  field.classList.toggle("is-right", !message && !short && field.required && field.value !== "" && field.type !== "radio");
  return !message;
}

// What a mistake is tied to: the field, or the group in which a radio stands.
const bearer = (field) => (field.type === "radio" && field.closest("fieldset")) || field;

/** Puts a mistake below its field, or below the name of its group, and ties it to it; or takes it away. */
export function say(field, message) {
  const whole = bearer(field);
  const id = `${(whole === field && field.id) || field.name}-error`;
  const known = (whole.getAttribute("aria-describedby") ?? "").split(" ").filter((part) => part && part !== id);
  let line = document.getElementById(id);
  if (message) {
    if (!line) {
      line = document.createElement("p");
      line.className = "error";
      line.id = id;
      line.setAttribute("role", "alert");
      (whole.querySelector("legend") ?? field.closest(".secret") ?? field).after(line);
    }
    line.textContent = message;
    known.unshift(id);
    whole.setAttribute("aria-invalid", "true");
  } else {
    line?.remove();
    whole.removeAttribute("aria-invalid");
  }
  if (known.length) whole.setAttribute("aria-describedby", known.join(" "));
  else whole.removeAttribute("aria-describedby");
}
