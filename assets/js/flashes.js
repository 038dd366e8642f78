// A way to put a message away. That good news leaves by itself is the style sheet's doing.

export function start(root) {
  for (const flash of root.querySelectorAll(".flash")) {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "link-button";
    close.textContent = "×";
    close.setAttribute("aria-label", "Dismiss");
    close.addEventListener("click", () => flash.remove());
    flash.append(close);
  }
}
