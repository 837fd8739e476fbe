/* Saves the ticket and makes the form ready for what comes next. */

import { command } from "../server.js";
import { calls, desk, isLive, isTicketed, remove, tell } from "./calls.js";
import * as drafts from "./drafts.js";
import { attach, fields, form } from "./form.js";

const { element } = form;
const fault = element.querySelector("[data-form-fault]");
const button = element.querySelector("[data-save]");
let isSaving = false;

function clearFaults() {
  fault.textContent = "";
  for (const field of element.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    document.getElementById(`fault-${field.name}`).textContent = "";
  }
}

function show(refused) {
  const field = element.querySelector(`.field [name="${CSS.escape(refused.field || "-")}"]`);
  if (!field) return (fault.textContent = refused.message);
  field.setAttribute("aria-invalid", "true");
  document.getElementById(`fault-${field.name}`).textContent = refused.message;
  field.focus();
}

/** A talk may hold several matters: the form stays with a call that goes on. */
function next(about) {
  if (isLive(calls.get(about))) return about;
  return [...calls].find(([id, entry]) => entry.phase !== "ringing" && !isTicketed(id))?.[0] ?? null;
}

async function save(about) {
  const { number } = await command("tickets", { ...fields(), call: about }, form.key);
  const { call, tickets = [] } = drafts.read(about ?? drafts.NO_CALL) ?? {};
  if (about === null) drafts.drop(drafts.NO_CALL);
  else drafts.write(about, { call, tickets: [...new Set([...tickets, number])] });
  if (calls.has(about) && !isLive(calls.get(about))) remove(about);
  tell("saved", { number, call: about });
  attach(next(about), { focus: true });
}

element.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isSaving) return;
  isSaving = true;
  button.ariaBusy = "true";
  clearFaults();
  try {
    await save(form.about);
  } catch (refused) {
    show(refused);
  }
  isSaving = false;
  button.ariaBusy = "false";
});
element.addEventListener("input", clearFaults);
desk.addEventListener("about", clearFaults);
