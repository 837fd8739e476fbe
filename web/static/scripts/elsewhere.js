/* [data-elsewhere]: on other pages, the way back to a call that rings at this desk. */

import { number } from "./shown.js";
import { frames } from "./socket.js";
import { say, word } from "./words.js";

const link = document.querySelector("[data-elsewhere]");
const ringing = new Map();

function draw() {
  const [call] = ringing.values();
  link.hidden = !call;
  link.textContent = call
    ? `▲ ${say("ring", { way: word("way", call.way), number: number(call.citizen_number) })}`
    : "";
}

function stop(id) {
  ringing.delete(id);
  draw();
}

frames.addEventListener("pop", ({ detail: { call } }) => draw(ringing.set(call.id, call)));
frames.addEventListener("withdrawn", ({ detail }) => stop(detail.call_id));
frames.addEventListener("bound", ({ detail }) => stop(detail.call.id));
frames.addEventListener("changed", ({ detail: { call } }) => call.state === "ended" && stop(call.id));
frames.addEventListener("snapshot", ({ detail }) => {
  ringing.clear();
  for (const { call } of detail.pops) ringing.set(call.id, call);
  draw();
});
