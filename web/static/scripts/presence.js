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
  pause.value = choice === "paused" && word("pause", reason) !== reason ? reason : "";
}

/** The answer to a command, unless a frame has told of something later. */
function take(told) {
  if (Date.parse(told.since) > Date.parse(mine.presence.since)) mine.presence = told;
  draw();
}

/** What the person pressed goes away when it is done: the focus goes to what comes next. */
function goOn(path) {
  if (path === "sign-in") root.querySelector('[data-act="ready"]').focus();
  else if (path === "sign-out") device.focus();
  else if (path === "ready") (document.getElementById("content") ?? pause).focus();
}

async function move(path, body) {
  try {
    take(await command(`desk/${path}`, body));
    fault.textContent = "";
    goOn(path);
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
