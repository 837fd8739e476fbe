/* [data-ticket-form]: its fields, and the call they are written about. */

import { number } from "../shown.js";
import { newKey } from "../server.js";
import { say, word } from "../words.js";
import { calls, tell } from "./calls.js";
import * as drafts from "./drafts.js";

const FIELDS = ["kind", "caller_number", "caller_name", "content"];
const element = document.querySelector("[data-ticket-form]");
const heading = element.querySelector("[data-about]");

/** `about` is a call's id or null; `key` makes saving twice harmless. */
export const form = { element, about: null, key: newKey(), given: {} };

export const fields = () => Object.fromEntries(FIELDS.map((n) => [n, element.elements[n].value]));

const blank = (call) => ({
  kind: "consult",
  caller_number: call?.citizen_number ?? "",
  caller_name: call?.citizen_name ?? "",
  content: "",
});

/** Whether nobody has typed anything since the form was given its call. */
export const isUntouched = () => FIELDS.every((n) => element.elements[n].value === form.given[n]);

function name(call) {
  const digits = document.createElement("bdi");
  digits.textContent = call ? number(call.citizen_number) : "";
  heading.replaceChildren(call ? `${word("way", call.way)} · ` : say("without_call"), digits);
}

/** Write about another call (null: about none); what stood there is kept as its own draft. */
export function attach(id, { focus = false } = {}) {
  const { call } = calls.get(id) ?? {};
  const draft = drafts.read(id ?? drafts.NO_CALL);
  form.about = call ? id : null;
  form.given = blank(call);
  form.key = draft?.key ?? newKey();
  const values = { ...form.given, ...draft?.fields };
  for (const field of FIELDS) element.elements[field].value = values[field];
  name(call);
  if (focus) element.elements.content.focus();
  tell("about", form.about);
}
