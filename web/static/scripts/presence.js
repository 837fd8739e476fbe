/* [data-presence]: this person's state with its timer, and the moves they can make. */

import { mine } from "./mine.js";
import { command } from "./server.js";
import { frames } from "./socket.js";
import { word } from "./words.js";

const root = document.querySelector("[data-presence]");
const fault = document.querySelector("[data-presence-fault]");
const mark = root.querySelector("[data-state-mark]");
const since = root.querySelector("[data-since]");
const pause = root.querySelector("[data-pause]");
const device = root.querySelector("[data-device]");

const HERE = "hotline.device"; // a telephone stands beside its computer, whoever sits there

if (!("chosen" in device.dataset)) device.value = localStorage.getItem(HERE) ?? device.value;
if (!device.value) device.selectedIndex = 0;

function draw() {
  const { state, choice, reason, since: from } = mine.presence;
  mark.dataset.state = state;
  mark.lastElementChild.textContent = word("state", state);
  since.dataset.since = choice === "signed_out" ? "" : from;
  root.title = state === "paused" && reason ? word("pause", reason) : "";
  for (const acts of root.querySelectorAll("[data-when]")) {
    acts.hidden = (acts.dataset.when === "signed_out") !== (choice === "signed_out");
  }
  root.querySelector('[data-act="ready"]').disabled = choice === "ready";
  pause.value = choice === "paused" && [...pause.options].some((o) => o.value === reason) ? reason : "";
}

async function move(path, body) {
  try {
    await command(`desk/${path}`, body);
    fault.textContent = "";
    if (body.device) localStorage.setItem(HERE, body.device);
  } catch (refused) {
    fault.textContent = refused.message;
    draw();
  }
}

root.addEventListener("click", ({ target }) => {
  const act = target.closest("[data-act]")?.dataset.act;
  if (act) move(act, act === "sign-in" ? { device: device.value } : {});
});
pause.addEventListener("change", () => pause.value && move("pause", { reason: pause.value }));
frames.addEventListener("snapshot", draw);
frames.addEventListener("mine", draw);
