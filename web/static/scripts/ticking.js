/* [data-since="instant"]: a timer that runs on from there. */

import { frames } from "./socket.js";
import { timer } from "./shown.js";

const SECOND = 1_000; // ms

export function tick() {
  for (const place of document.querySelectorAll("[data-since]")) {
    const text = place.dataset.since ? timer(place.dataset.since) : "";
    if (place.textContent !== text) place.textContent = text;
  }
}

setInterval(tick, SECOND);
for (const name of ["snapshot", "mine", "floor"]) frames.addEventListener(name, tick);
