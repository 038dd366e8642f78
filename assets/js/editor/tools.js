// The toolbar and its shortcuts. Everything goes through replace(), so Ctrl+Z takes it back.

import { lines, replace } from "./text.js";

const keys = { b: "bold", i: "italic", k: "link", e: "code" };
const table = "| Column | Column |\n|:--|:--|\n| Cell | Cell |\n";

export function startTools(form, { save, publish }) {
  const area = form.elements.content;
  const bar = form.querySelector(".tools");
  if (bar) {
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const tool = event.target.closest("[data-tool]")?.dataset.tool;
      if (!tools[tool]) return;
      area.focus();
      tools[tool](area);
    });
    rove(bar);
  }
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (key === "s" && !event.shiftKey) save();
    else if (key === "enter" && event.target === area) publish();
    else if (event.target === area && keys[key] && !event.shiftKey) tools[keys[key]](area);
    else if (event.target === area && event.shiftKey && event.code === "Digit7") tools.numbered(area);
    else if (event.target === area && event.shiftKey && event.code === "Digit8") tools.list(area);
    else return;
    event.preventDefault();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.isComposing) goOn(area, event);
  });
  area.addEventListener("paste", (event) => linkPasted(area, event));
}

/** One stop for the Tab key, arrows inside: a toolbar as assistive technology expects it. */
function rove(bar) {
  const buttons = [...bar.querySelectorAll("button")];
  const hold = (chosen) => buttons.forEach((button) => (button.tabIndex = button === chosen ? 0 : -1));
  hold(buttons[0]);
  bar.addEventListener("focusin", (event) => buttons.includes(event.target) && hold(event.target));
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const rtl = getComputedStyle(bar).direction === "rtl" ? -1 : 1;
    const to = { ArrowRight: at + rtl, ArrowLeft: at - rtl, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  });
}

const tools = {
  bold: (area) => wrap(area, "**", "bold text"),
  italic: (area) => wrap(area, "_", "slanted text"),
  code(area) {
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
    if (!chosen.includes("\n")) return wrap(area, "`", "code");
    const { from, to, text } = lines(area);
    replace(area, from, to, `\`\`\`\n${text}\n\`\`\``, 3, 3);
  },
  heading: (area) => eachLine(area, (line) => {
    if (line.startsWith("### ")) return line.slice(4);
    return line.startsWith("## ") ? `#${line}` : `## ${line.replace(/^#+ /, "")}`;
  }),
  quote: (area) => prefix(area, /^> ?/, () => "> "),
  list: (area) => prefix(area, /^[-*+] /, () => "- "),
  numbered: (area) => prefix(area, /^\d+[.)] /, (at) => `${at + 1}. `),
  link(area) {
    const { selectionStart: from, selectionEnd: to } = area;
    const chosen = area.value.slice(from, to);
    if (/^https?:\/\/\S+$/.test(chosen)) return replace(area, from, to, `[](${chosen})`, 1);
    const text = chosen || "text";
    if (chosen) replace(area, from, to, `[${text}](https://)`, text.length + 3, text.length + 11);
    else replace(area, from, to, `[${text}](https://)`, 1, 1 + text.length);
  },
  table(area) {
    const { to } = lines(area);
    const before = area.value.slice(0, to).endsWith("\n") || to === 0 ? "" : "\n\n";
    replace(area, to, to, before + table, before.length + 2, before.length + 8);
  },
  footnote(area) {
    const taken = [...area.value.matchAll(/\[\^(\d+)\]/g)].map((match) => Number(match[1]));
    const name = `[^${Math.max(0, ...taken) + 1}]`;
    const at = area.selectionEnd;
    replace(area, at, at, name);
    const end = area.value.length;
    const gap = area.value.endsWith("\n") ? (/\[\^\d+\]:.*\n$/.test(area.value) ? "" : "\n") : "\n\n";
    replace(area, end, end, `${gap}${name}: Note`, gap.length + name.length + 2, gap.length + name.length + 6);
  },
};

function wrap(area, mark, word) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const size = mark.length;
  if (value.slice(from - size, from) === mark && value.slice(to, to + size) === mark) {
    return replace(area, from - size, to + size, value.slice(from, to), 0, to - from);
  }
  const text = value.slice(from, to) || word;
  replace(area, from, to, mark + text + mark, size, size + text.length);
}

function eachLine(area, change) {
  const { from, to, text } = lines(area);
  const changed = text.split("\n").map(change).join("\n");
  const whole = text.includes("\n");
  replace(area, from, to, changed, whole ? 0 : changed.length, changed.length);
}

function prefix(area, pattern, make) {
  const off = lines(area).text.split("\n").every((line) => pattern.test(line));
  const others = /^(?:> ?|[-*+] |\d+[.)] )/;
  eachLine(area, (line, at) => (off ? line.replace(pattern, "") : make(at) + line.replace(others, "")));
}

/** Enter in a list starts the next item, and in an empty item ends the list. */
function goOn(area, event) {
  const { selectionStart: at, selectionEnd, value } = area;
  if (at !== selectionEnd) return;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const match = value.slice(from, at).match(/^(\s*)(?:([-*+]) (\[[ xX]\] )?|(\d+)([.)]) |(> ?))(.*)$/);
  if (!match) return;
  const [, indent, bullet, task, number, dot, quote, rest] = match;
  event.preventDefault();
  if (!rest.trim()) return replace(area, from, at, "");
  const next = bullet ? `${bullet} ${task ? "[ ] " : ""}` : number ? `${Number(number) + 1}${dot} ` : quote;
  replace(area, at, at, `\n${indent}${next}`);
}

/** An address pasted over chosen words makes them a link. */
function linkPasted(area, event) {
  const url = event.clipboardData.getData("text/plain").trim();
  const { selectionStart: from, selectionEnd: to } = area;
  const chosen = area.value.slice(from, to);
  if (from === to || !/^https?:\/\/\S+$/.test(url) || /^https?:\/\/|\n/.test(chosen)) return;
  event.preventDefault();
  replace(area, from, to, `[${chosen}](${url})`);
}
