// One file on its way: how far it is, and in words why it was not taken. Of every page that sends pictures.

const said = {
  401: "was not sent: your session ended",
  413: "is too large",
  415: "is not a picture that can be used here",
  422: "is not a picture that can be used here",
  429: "came too soon after many others; try again later",
  503: "was not taken: the site is busy; try again in a moment",
};

/** Sends a form's data. `request` may be aborted; `done` gives the answer, or why there is none. */
export function send(url, token, body, bar) {
  const request = new XMLHttpRequest(); // fetch cannot tell how far an upload has come
  const done = new Promise((resolve) => {
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.round((event.loaded / event.total) * 100);
    });
    request.addEventListener("loadend", () => resolve(read(request)));
    request.send(body);
  });
  return { request, done };
}

function read(request) {
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // an answer without words: the status has to do
  }
  if (request.status === 201 && answer.url) return { answer };
  if (answer.message) return { why: `– ${answer.message}` };
  return { why: said[request.status] ?? (request.status ? "could not be saved" : "was not sent: the network is away") };
}

export function progress(name) {
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `Uploading ${name}`);
  return bar;
}

/** Files that are dropped on a place, or pasted where `takes` says so. */
export function receive(place, take, takes = () => true) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  place.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    place.classList.add("dropping");
  });
  place.addEventListener("dragleave", (event) => {
    if (!place.contains(event.relatedTarget)) place.classList.remove("dropping");
  });
  place.addEventListener("drop", (event) => {
    place.classList.remove("dropping");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    take([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    if (!files.length || types.includes("text/plain") || !takes(event)) return;
    event.preventDefault();
    take([...files]);
  });
}
