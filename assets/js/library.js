// One's pictures: several at once, chosen, dropped or pasted, each with its progress. Without this file it is a form.

const said = {
  401: "was not sent: your session ended",
  413: "is too large",
  415: "is not a picture that can be used here",
  429: "came too soon after many others; try again later",
  503: "was not taken: the site is busy; try again in a moment",
};

const form = document.getElementById("library-form");
if (form) start(form);

function start(form) {
  const choice = form.elements.file;
  const list = form.querySelector(".uploads");

  form.addEventListener("submit", (event) => {
    if (!choice.files.length) return;
    event.preventDefault();
    send([...choice.files]);
  });
  addEventListener("paste", (event) => {
    const { files } = event.clipboardData;
    if (!files.length) return;
    event.preventDefault();
    send([...files]);
  });
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  form.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) form.classList.remove("dropping");
  });
  form.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    send([...event.dataTransfer.files]);
  });

  /** One after the other, so that a slow line finishes some. */
  async function send(files) {
    const rows = files.map((file) => new Row(file, list));
    let failed = 0;
    for (const row of rows) if (!(await row.send(form))) failed += 1;
    if (!failed) location.reload();
    choice.value = "";
  }
}

class Row {
  constructor(file, list) {
    this.file = file;
    this.name = file.name || "picture";
    this.line = document.createElement("div");
    this.label = document.createElement("span");
    this.label.textContent = this.name;
    this.bar = document.createElement("progress");
    this.bar.max = 100;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `Uploading ${this.name}`);
    this.line.append(this.label, this.bar);
    list.append(this.line);
  }

  send(form) {
    return new Promise((resolve) => {
      const body = new FormData();
      body.append("alt", form.elements.alt.value);
      body.append("file", this.file, this.name);
      const request = new XMLHttpRequest(); // fetch cannot tell how far an upload has come
      request.open("POST", form.dataset.uploadUrl);
      request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) this.bar.value = Math.round((event.loaded / event.total) * 100);
      });
      request.addEventListener("loadend", () => resolve(this.answered(request)));
      request.send(body);
    });
  }

  answered(request) {
    this.bar.remove();
    if (request.status === 201) {
      this.label.textContent = `${this.name} is here`;
      return true;
    }
    let message = "";
    try {
      message = JSON.parse(request.responseText).message;
    } catch {
      // an answer without words: the status has to do
    }
    const why = message ? `– ${message}` : (said[request.status] ?? "was not sent: the network is away");
    this.label.textContent = `${this.name} ${why}`;
    this.label.className = "bad";
    return false;
  }
}
