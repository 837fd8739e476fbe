/* [data-ticket-form]: which call the form writes about, and its fields.

   A call never takes the form, nor the focus, from somebody who has typed. */

import { number } from "../shown.js";
import { newKey } from "../server.js";
import { say, word } from "../words.js";
import { calls, desk, isLive, tell } from "./calls.js";
import * as drafts from "./drafts.js";

const FIELDS = ["kind", "caller_number", "caller_name", "content"];
const element = document.querySelector("[data-ticket-form]");
const heading = element.querySelector("[data-about]");

/** `about` is a call's id or null; `key` makes saving twice harmless. */
export const form = { element, about: null, key: newKey(), given: {} };

export const fields = () => Object.fromEntries(FIELDS.map((n) => [n, element.elements[n].value]));

const set = (values) => FIELDS.forEach((n) => (element.elements[n].value = values[n] ?? ""));

const blank = (call) => ({
  kind: "consult",
  caller_number: call?.citizen_number ?? "",
  caller_name: call?.citizen_name ?? "",
  content: "",
});

/** Whether nobody has typed anything since the form was given its call. */
export const isUntouched = () => FIELDS.every((n) => element.elements[n].value === form.given[n]);

/** Write about another call (null: about none); what stands there is kept as its own draft. */
export function attach(id, { focus = false } = {}) {
  const { call } = calls.get(id) ?? {};
  const draft = drafts.read(id ?? drafts.NO_CALL);
  form.about = call ? id : null;
  form.given = blank(call);
  form.key = draft?.key ?? newKey();
  set({ ...form.given, ...draft?.fields });
  if (call) heading.replaceChildren(`${word("way", call.way)} · `, isolated(number(call.citizen_number)));
  else heading.textContent = say("without_call");
  if (focus) element.elements.content.focus();
  tell("about", form.about);
}

function isolated(text) {
  const node = document.createElement("bdi");
  node.textContent = text;
  return node;
}

/** The form goes to a call by itself only when nothing is typed and no talk holds it. */
function offer({ detail: id }, { phases }) {
  const holder = calls.get(form.about);
  const held = holder && phases.includes(holder.phase);
  if (form.about !== id && isUntouched() && !held) attach(id);
}

desk.addEventListener("rings", (event) => offer(event, { phases: ["ringing", "talking", "held"] }));
desk.addEventListener("bound", (event) => offer(event, { phases: ["talking", "held"] }));
desk.addEventListener("withdrawn", ({ detail: id }) => form.about === id && isUntouched() && attach(null));
desk.addEventListener("restored", () => {
  if (form.about !== null || !isUntouched()) return;
  const wanted = [...calls].find(([, entry]) => isLive(entry)) ?? [...calls].find(([, { phase }]) => phase === "draft");
  attach(wanted?.[0] ?? null);
});
attach(null);
