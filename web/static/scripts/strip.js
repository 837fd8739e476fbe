/* [data-strip]: who waits; or, in the same place, why nothing here can be trusted now. */

import { second } from "./shown.js";
import { frames } from "./socket.js";
import { say } from "./words.js";

const strip = document.querySelector("[data-strip]");
const part = (name) => strip.querySelector(`[data-${name}]`);
const notice = part("notice");

let telephone = { up: true };
let lost = null;
let isCrowded = false;

function trouble() {
  if (isCrowded) return say("tabs");
  if (lost) return say("offline", { time: second(lost) });
  return telephone.up ? "" : say("stale", { time: second(telephone.since) });
}

function warn() {
  const text = trouble();
  strip.toggleAttribute("data-stale", text !== "");
  notice.hidden = text === "";
  if (notice.textContent !== text) notice.textContent = text;
}

function queue({ waiting, oldest_queued_at }) {
  part("none-waiting").hidden = waiting > 0;
  part("some-waiting").hidden = waiting === 0;
  part("waiting").textContent = waiting;
  part("oldest").dataset.since = oldest_queued_at ?? "";
}

frames.addEventListener("online", () => warn((lost = null)));
frames.addEventListener("offline", () => warn((lost ??= Date.now())));
frames.addEventListener("crowded", () => warn((isCrowded = true)));
frames.addEventListener("telephone", ({ detail }) => warn((telephone = detail)));
frames.addEventListener("floor", ({ detail }) => queue(detail));
frames.addEventListener("snapshot", ({ detail }) => {
  queue(detail.floor);
  strip.ariaBusy = "false";
  warn((telephone = detail.telephone));
});
