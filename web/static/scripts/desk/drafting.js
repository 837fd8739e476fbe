/* Keeps what is being typed, a moment after each key, and says so. */

import { second } from "../shown.js";
import { say } from "../words.js";
import { calls, desk } from "./calls.js";
import * as drafts from "./drafts.js";
import { fields, form, isUntouched } from "./form.js";

const PAUSE = 300; // ms after the last key
const kept = form.element.querySelector("[data-kept]");
let timer = 0;

function keep() {
  clearTimeout(timer);
  timer = 0;
  const id = form.about ?? drafts.NO_CALL;
  const call = calls.get(id)?.call;
  const draft = { ...drafts.read(id), call, key: form.key, fields: fields() };
  if (isUntouched()) return;
  const done = drafts.write(id, draft);
  kept.textContent = done ? say("draft_kept", { time: second(Date.now()) }) : say("draft_lost");
}

form.element.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(keep, PAUSE);
});
/** Before the page or the form goes elsewhere. */
export const flush = () => timer && keep();

addEventListener("pagehide", flush);
form.element.addEventListener("focusout", flush);
desk.addEventListener("about", () => {
  clearTimeout(timer);
  timer = 0;
  kept.textContent = "";
});
