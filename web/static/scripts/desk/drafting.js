/* Keeps what is being typed, with every key, and says so. */

import { clock } from "../shown.js";
import { say } from "../words.js";
import { calls, desk } from "./calls.js";
import * as drafts from "./drafts.js";
import { fields, form } from "./form.js";

const kept = form.element.querySelector("[data-kept]");

form.element.addEventListener("input", () => {
  const id = form.about ?? drafts.NO_CALL;
  const call = calls.get(id)?.call;
  const isKept = drafts.write(id, { ...drafts.read(id), call, key: form.key, fields: fields() });
  kept.textContent = isKept ? say("draft_kept", { time: clock(Date.now()) }) : say("draft_lost");
});

desk.addEventListener("about", () => {
  kept.textContent = "";
});
