/* How instants, durations and numbers are written; the server writes them the same way. */

import { now } from "./clock.js";
import { say } from "./words.js";

const ZONE = "Asia/Shanghai";
const DAY = 24 * 60 * 60 * 1000;
const GROUPS = [
  [/^1\d{10}$/, [3, 7]],
  [/^[2-9]\d{7}$/, [4]],
  [/^0(?:10|2\d)[2-9]\d{7}$/, [3, 7]],
];
const days = new Intl.DateTimeFormat("sv", { timeZone: ZONE, dateStyle: "short" });
const clocks = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
const exacts = new Intl.DateTimeFormat("sv", { timeZone: ZONE, dateStyle: "short", timeStyle: "medium" });
const two = (number) => String(number).padStart(2, "0");

/** A number's digits in groups; what is no plain number stays as it was sent. */
export function number(carried) {
  if (!carried) return say("withheld");
  const cuts = GROUPS.find(([pattern]) => pattern.test(carried))?.[1];
  if (!cuts) return carried;
  return [0, ...cuts].map((from, i) => carried.slice(from, cuts[i])).join(" ");
}

/** "today 14:05", "11-20 14:05". */
export function moment(instant) {
  const at = new Date(instant);
  return `${day(at)} ${clock(at)}`;
}

function day(at) {
  const [that, today] = [days.format(at), days.format(now())];
  if (that === today) return say("today");
  if (that === days.format(now() - DAY)) return say("yesterday");
  return that.slice(0, 4) === today.slice(0, 4) ? that.slice(5) : that;
}

/** The whole instant, for the one who points at it. */
export const exact = (instant) => exacts.format(new Date(instant));

/** The time of day. */
export const clock = (instant) => clocks.format(new Date(instant));

/** The time of day to the second. */
export const second = (instant) => exact(instant).slice(-8);

/** A running timer: 00:42, 1:02:03. */
export function timer(since) {
  const all = Math.max(0, Math.floor((now() - Date.parse(since)) / 1000));
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** A finished duration: 3 min 12 s. */
export function duration(seconds) {
  const [m, s] = [Math.floor(seconds / 60), Math.floor(seconds % 60)];
  return m ? say("minutes", { m, s: two(s) }) : say("seconds", { s });
}
