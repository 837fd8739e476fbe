/* The buttons of a call's line: answer and hang up, write its ticket, put it away. */

import { command } from "../server.js";
import { say } from "../words.js";
import { remove } from "./calls.js";
import * as drafts from "./drafts.js";
import { attach, form } from "./form.js";

const list = document.querySelector("[data-calls]");

async function order(path, line) {
  const fault = line.querySelector("[data-call-fault]");
  fault.textContent = "";
  try {
    await command(`desk/${path}`);
  } catch (refused) {
    fault.textContent = refused.message;
  }
}

const ACTS = {
  answer: (line) => order("answer", line),
  "hang-up": (line) => order("hang-up", line),
  take: (line) => attach(line.dataset.callId, { focus: true }),
  drop: (line) => {
    const id = line.dataset.callId;
    if (drafts.hasText(drafts.read(id))) {
      line.querySelector("[data-call-fault]").textContent = say("clear_first");
      return;
    }
    if (form.about === id) attach(null);
    remove(id);
  },
};

list.addEventListener("click", ({ target }) => {
  const act = target.closest("button")?.dataset.callAct;
  if (act) ACTS[act](target.closest("[data-call-id]"));
});
