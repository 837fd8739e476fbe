/* [data-strip]: who waits; or, in the same place, why nothing here can be trusted now. */

import { frames } from "./socket.js";
import { say } from "./words.js";

const strip = document.querySelector("[data-strip]");
const notice = strip.querySelector("[data-notice]");
const oldest = strip.querySelector("[data-oldest]");
const some = strip.querySelector("[data-some-waiting]");
const none = strip.querySelector("[data-none-waiting]");
const count = strip.querySelector("[data-waiting]");

let online = true;
let telephone = { up: true };

function warn() {
  const text = !online ? say("offline") : telephone.up ? "" : say("stale");
  strip.toggleAttribute("data-stale", text !== "");
  notice.hidden = text === "";
  if (notice.textContent !== text) notice.textContent = text;
}

function queue({ waiting, oldest_queued_at }) {
  none.hidden = waiting > 0;
  some.hidden = waiting === 0;
  count.textContent = waiting;
  oldest.dataset.since = oldest_queued_at ?? "";
}

frames.addEventListener("online", () => warn((online = true)));
frames.addEventListener("offline", () => warn((online = false)));
frames.addEventListener("telephone", ({ detail }) => warn((telephone = detail)));
frames.addEventListener("floor", ({ detail }) => queue(detail));
frames.addEventListener("snapshot", ({ detail }) => {
  queue(detail.floor);
  warn((telephone = detail.telephone));
});
