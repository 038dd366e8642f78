// A face before it is sent: the square that will be cut, drawn as the sliders say. Without this file they work unseen.

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
  form.elements.avatar?.addEventListener("change", ({ target }) => {
    if (target.files.length) show(target.files[0]);
    else place.hidden = true;
  });
  if (form.dataset.cut) {
    const image = new Image();
    image.addEventListener("load", () => show(image));
    image.src = form.dataset.cut;
  }
}
