// Code: a button that copies it. What scrolls sideways can be reached with the keyboard.

export function start(root) {
  for (const block of root.querySelectorAll(".prose pre, .prose div.table")) {
    if (block.scrollWidth > block.clientWidth && !block.hasAttribute("tabindex")) block.tabIndex = 0;
  }
  if (!navigator.clipboard) return;
  for (const block of root.querySelectorAll(".prose pre")) {
    if (block.parentElement.classList.contains("code")) continue;
    const frame = document.createElement("div");
    frame.className = "code";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent.replace(/\n$/, ""));
      button.textContent = "Copied";
      button.classList.add("done");
      setTimeout(() => {
        button.textContent = "Copy";
        button.classList.remove("done");
      }, 2000);
    });
    block.replaceWith(frame);
    frame.append(block, button);
  }
}
