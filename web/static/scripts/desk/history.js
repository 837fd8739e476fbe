/* [data-history]: what is known of the number the form writes about: its tickets and its calls. */

import { arrange } from "../dom.js";
import { look } from "../server.js";
import { number } from "../shown.js";
import { say } from "../words.js";
import { calls, desk } from "./calls.js";
import { form } from "./form.js";
import { callLine, ticketLine } from "./history-lines.js";

const LIMIT = 4; // of each: more would make the column scroll while somebody talks
const root = document.querySelector("[data-history]");
const part = (name) => root.querySelector(`[data-history-${name}]`);
let drawn = {};

function drawList(name, lines) {
  arrange(part(name), lines);
  part(`${name}-part`).hidden = lines.length === 0;
  part("none").hidden = ["tickets", "calls"].some((list) => part(list).children.length > 0);
}

async function drawCalls(call) {
  const query = new URLSearchParams({ number: call.citizen_e164, limit: LIMIT + 1 });
  const { calls: found } = await look(`calls?${query}`).catch(() => ({ calls: [] }));
  if (drawn.id !== call.id) return;
  const earlier = found.filter(({ id, state }) => id !== call.id && state === "ended");
  drawList("calls", earlier.slice(0, LIMIT).map(callLine));
}

/** The way to everything of the number. */
function linkAll(call) {
  for (const list of ["tickets", "calls"]) {
    part(`all-${list}`).href = `/${list}?${new URLSearchParams({ number: call?.citizen_e164 ?? "" })}`;
  }
}

function title(call, history) {
  if (!call) return say("history_empty");
  if (!call.citizen_e164) return say("history_withheld");
  return history && !history.available ? say("history_unread") : say("history_none");
}

function draw() {
  const { call, history } = calls.get(form.about) ?? {};
  if (drawn.id === call?.id && drawn.history === history) return;
  const isNew = drawn.id !== call?.id;
  drawn = { id: call?.id, history };
  part("number").textContent = call ? number(call.citizen_number) : "";
  linkAll(call);
  part("none-title").textContent = title(call, history);
  drawList("tickets", (history?.tickets ?? []).slice(0, LIMIT).map(ticketLine));
  if (!isNew) return;
  drawList("calls", []);
  if (call?.citizen_e164) drawCalls(call);
}

desk.addEventListener("about", draw);
desk.addEventListener("changed", draw);
