/* Saves the ticket and makes the form ready for what comes next. */

import { command, Refused } from "../server.js";
import { calls, isLive, isTicketed, remove, tell } from "./calls.js";
import * as drafts from "./drafts.js";
import { clearFaults, showFault } from "./faults.js";
import { attach, fields, form } from "./form.js";

const button = form.element.querySelector("[data-save]");
let isSaving = false;

/** A talk may hold several matters: the form stays with a call that goes on. */
function next(about) {
  if (isLive(calls.get(about))) return about;
  const open = [...calls].find(([id, { phase }]) => phase !== "ringing" && !isTicketed(id));
  return open?.[0] ?? null;
}

/** The kept draft becomes the note that this call has its ticket. */
function settle(about, number) {
  const { call, tickets = [] } = drafts.read(about ?? drafts.NO_CALL) ?? {};
  if (about === null) drafts.drop(drafts.NO_CALL);
  else drafts.write(about, { call, tickets: [...new Set([...tickets, number])] });
  if (calls.has(about) && !isLive(calls.get(about))) remove(about);
}

async function save(about) {
  if (!fields().content.trim()) {
    throw new Refused({ code: "ticket.content_missing", article: "Art. 9", field: "content" });
  }
  const { number } = await command("tickets", { ...fields(), call: about }, form.key);
  settle(about, number);
  tell("saved", { number, call: about });
  attach(next(about), { focus: true });
}

form.element.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isSaving) return;
  isSaving = true;
  button.ariaBusy = "true";
  clearFaults();
  await save(form.about).catch(showFault);
  isSaving = false;
  button.ariaBusy = "false";
});
