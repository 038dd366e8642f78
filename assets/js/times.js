// <time datetime="2026-11-22T09:30:00Z" data-show="day | moment | ago">: the reader's own hour. The server's text stays
// when there is no script; the form is the server's ("22 Nov 2026"), so that nothing on the page moves.

export const locale = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || undefined;
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const moment = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const distance = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60]];

export function ago(date, now = Date.now()) {
  const seconds = Math.round((date - now) / 1000);
  if (Math.abs(seconds) > 30 * 86400) return day.format(date);
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return distance.format(Math.trunc(seconds / length), unit);
  }
  return distance.format(0, "minute").replace("this minute", "just now");
}

const forms = { day: (date) => day.format(date), moment: (date) => moment.format(date), ago };

export function start(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime()) || !time.dateTime.includes("T")) continue;
    const text = (forms[time.dataset.show] ?? forms.moment)(date);
    if (time.textContent !== text) time.textContent = text;
    time.title ||= whole.format(date);
  }
}
