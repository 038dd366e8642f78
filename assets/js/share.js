// <details class="share" data-title data-url>: the system's own sheet where there is one, else the list with "Copy link" on top. Without data-url it is a menu and stays one.

export function start(root) {
  for (const share of root.querySelectorAll("details.share[data-url]")) {
    const url = new URL(share.dataset.url ?? location.href, location.href).href;
    const title = share.dataset.title ?? document.title;
    if (navigator.clipboard) copy(share, url);
    if (!navigator.share || !matchMedia("(pointer: coarse)").matches) continue;
    share.querySelector("summary").addEventListener("click", (event) => {
      event.preventDefault();
      navigator.share({ title, url }).catch((error) => {
        if (error.name !== "AbortError") share.open = true;
      });
    });
  }
}

function copy(share, url) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy link";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(url);
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy link";
      share.open = false;
    }, 1200);
  });
  item.append(button);
  share.querySelector("ul").prepend(item);
}
