// <article data-view="ticket">: when the page is left, says how long it was looked at and how far one read. No cookie, and only numbers;
// readers who ask not to be tracked get no ticket.

export function start(root) {
  const article = root.querySelector("article[data-view]");
  const ticket = article.dataset.view;
  const text = article.querySelector(".prose") ?? article;
  let seconds = 0;
  let since = document.visibilityState === "visible" ? performance.now() : null;
  let depth = 0;
  let told = "";
  let exit = "";

  const look = () => {
    const box = text.getBoundingClientRect();
    if (box.height > 0) depth = Math.max(depth, Math.min(1, Math.max(0, (innerHeight - box.top) / box.height)));
  };

  const tell = () => {
    if (since !== null) seconds += (performance.now() - since) / 1000;
    since = null;
    const body = new URLSearchParams({ ticket, seconds: Math.round(seconds), depth: depth.toFixed(4) });
    const loaded = performance.getEntriesByType?.("navigation")[0]?.duration ?? 0;
    if (loaded > 0) body.set("load", Math.round(loaded));
    if (exit) body.set("exit", exit);
    if (body.toString() === told) return;
    told = body.toString();
    navigator.sendBeacon("/blog/read", body);
  };

  // Where one goes on to; the server keeps host and path of it.
  root.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (link && link.protocol.startsWith("http")) exit = link.origin + link.pathname;
  });

  look();
  addEventListener("scroll", look, { passive: true });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") tell();
    else since = performance.now();
  });
  addEventListener("pagehide", tell);
}
