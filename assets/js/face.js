// A face: chosen, dropped or pasted, the square that will be cut drawn as the sliders say, and sent with its progress. Without this
// file it is a form, and the sliders work unseen.

import { say } from "./forms.js";
import { progress, receive, send } from "./sending.js";

for (const form of document.querySelectorAll("form[data-cut]")) start(form);

function start(form) {
  const place = form.querySelector(".cut");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 224;
  let picture;

  const draw = () => {
    if (!picture) return;
    const { width, height } = picture;
    const side = Math.min(width, height);
    const start = (length, hundredths) =>
      Math.min(Math.max((length * hundredths) / 100 - side / 2, 0), length - side);
    const [x, y] = [start(width, form.elements.focus_x.value), start(height, form.elements.focus_y.value)];
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
  };
  const show = async (source) => {
    try {
      picture = await createImageBitmap(source);
    } catch {
      picture = undefined; // the site will say what is wrong with it
    }
    place.hidden = !picture;
    draw();
  };

  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The square that will be seen");
  place.append(canvas);
  form.addEventListener("input", draw);
  const choice = form.elements.avatar;
  choice?.addEventListener("change", () => {
    if (choice.files.length) show(choice.files[0]);
    else place.hidden = true;
  });
  if (choice) sends(form, choice);
  if (form.dataset.cut) {
    const image = new Image();
    image.addEventListener("load", () => show(image));
    image.src = form.dataset.cut;
  }
}

function sends(form, choice) {
  receive(form, ([file]) => {
    const held = new DataTransfer();
    held.items.add(file);
    choice.files = held.files;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented || !choice.files.length) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    say(choice, "");
    const bar = progress(choice.files[0].name);
    choice.after(bar);
    const { answer, why } = await send(form.action, form.elements.csrf_token.value, new FormData(form), bar).done;
    bar.remove();
    delete form.dataset.busy;
    if (answer) location.assign(answer.url);
    else say(choice, `${choice.files[0].name} ${why}`);
  });
}
