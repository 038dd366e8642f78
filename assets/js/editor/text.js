// Changes to a textarea that the browser's own undo knows about.

/** Replaces [from, to) by text and selects [start, end) of what was put in; without them the caret stands behind it. */
export function replace(area, from, to, text, start = text.length, end = start) {
  const before = document.activeElement;
  area.focus({ preventScroll: true });
  area.setSelectionRange(from, to);
  // execCommand is old and the only way that keeps native undo; where it is gone the text still arrives
  const done = text === "" ? from === to || document.execCommand("delete") : document.execCommand("insertText", false, text);
  if (!done) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(from + start, from + end);
  if (before && before !== area && before !== document.body) before.focus({ preventScroll: true });
}

/** The same somewhere else in the text: the caret and what is selected stay with their words. */
export function replaceElsewhere(area, from, to, text) {
  const moved = (at) => (at <= from ? at : at >= to ? at + text.length - (to - from) : from + text.length);
  const { selectionStart, selectionEnd, scrollTop } = area;
  replace(area, from, to, text);
  area.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  area.scrollTop = scrollTop;
}

/** The whole lines that the selection touches. */
export function lines(area) {
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const next = area.value.indexOf("\n", Math.max(area.selectionStart, area.selectionEnd - 1));
  const to = next < 0 ? area.value.length : next;
  return { from, to, text: area.value.slice(from, to) };
}
