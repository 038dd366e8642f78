// The cover: chosen, dropped or pasted on its field, sent at once with its progress, and named by the form from then on.

import { say } from "../forms.js";
import { progress, receive, send } from "../sending.js";

export function startCover(form, fields, changed) {
  const choice = form.elements.image;
  const named = form.elements.cover_file;
  const place = choice.closest(".field");
  let going = null;

  choice.addEventListener("change", () => choice.files.length && take([...choice.files]));
  receive(place, take, (event) => place.contains(event.target));

  async function take([file]) {
    going?.request.abort();
    say(choice, "");
    const name = file.name || "picture";
    const bar = progress(name);
    choice.after(bar);
    const body = new FormData();
    body.append("alt", form.elements.cover_alt.value);
    body.append("file", file, name);
    const mine = send(form.dataset.uploadUrl, fields.token, body, bar);
    going = mine;
    const { answer, why } = await mine.done;
    bar.remove();
    if (going !== mine) return; // another one was chosen meanwhile
    going = null;
    choice.value = ""; // it is not sent a second time with the form
    if (why) return say(choice, `${name} ${why}`);
    named.value = answer.url.split("/").pop();
    if (form.elements.remove_cover) form.elements.remove_cover.checked = false;
    show(answer.url);
    changed();
  }

  function show(url) {
    let picture = form.querySelector(".cover-now");
    if (!picture) {
      picture = document.createElement("img");
      picture.className = "cover-now";
      picture.alt = "The cover now";
      picture.width = 320;
      picture.height = 168;
      place.after(picture);
    }
    picture.src = url;
  }
}
