// A post in a list: a button that passes it on, by the system's own sheet where there is one, else by the clipboard (R-SOCIAL.2).

const ARROW = "M12 15V4M8 7.5 12 3.5l4 4M5 12v8h14v-8";

export function start(root) {
  if (!navigator.share && !navigator.clipboard) return;
  for (const post of root.querySelectorAll(".card, .lead")) {
    const link = post.querySelector(":is(h2, h3) a[href^='/blog/post/']");
    const meta = post.querySelector(".meta:has(time)");
    if (link && meta && !meta.querySelector(".pass")) meta.append(button(link));
  }
}

function button(link) {
  const pass = document.createElement("button");
  pass.type = "button";
  pass.className = "pass";
  pass.setAttribute("aria-label", `Share ${link.textContent}`);
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ARROW);
  icon.append(path);
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  pass.append(icon, said);
  pass.addEventListener("click", () => hand(link).then((word) => say(said, word)));
  return pass;
}

async function hand(link) {
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share({ title: link.textContent, url: link.href });
      return "";
    } catch (error) {
      if (error.name === "AbortError") return "";
    }
  }
  try {
    await navigator.clipboard.writeText(link.href);
    return "Link copied";
  } catch {
    return "Your browser did not allow it";
  }
}

function say(said, word) {
  said.textContent = word;
  setTimeout(() => { said.textContent = ""; }, 2500);
}
