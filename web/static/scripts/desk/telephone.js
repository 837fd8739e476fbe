/* [data-telephone]: the calls at this phone, one line each; the ringing one on top. */

import { arrange, copy, fill } from "../dom.js";
import { moment, number } from "../shown.js";
import { tick } from "../ticking.js";
import { say, word } from "../words.js";
import { calls, desk } from "./calls.js";
import { form } from "./form.js";

const ORDER = ["ringing", "talking", "held", "passed", "ended", "draft"];
const root = document.querySelector("[data-telephone]");
const list = root.querySelector("[data-calls]");
const nodes = new Map();

function node(id) {
  if (!nodes.has(id)) {
    const made = copy(root.querySelector("[data-call-template]"));
    made.dataset.callId = id;
    nodes.set(id, made);
  }
  return nodes.get(id);
}

/** When the present phase began. */
function since({ call, phase }) {
  if (phase === "ringing") return call.offers.at(-1)?.rang_at ?? call.started_at;
  return phase === "ended" || phase === "draft" ? "" : (call.answered_at ?? call.started_at);
}

function times(history) {
  if (!history || history.available === false) return "";
  const { calls_before: before, last_call_at: last } = history;
  if (!before) return say("first_call");
  return [say("nth_call", { n: before + 1 }), last && say("last_call", { time: moment(last) })]
    .filter(Boolean)
    .join(" · ");
}

function openTickets(place, history) {
  const open = (history?.tickets ?? []).filter(({ status }) => status === "open").slice(0, 3);
  arrange(place, open.map((ticket) => {
    const line = copy(root.querySelector("[data-open-template]"));
    fill(line, { ticket: ticket.number, kind: word("kind", ticket.kind), excerpt: ticket.excerpt });
    line.querySelector("a").href = `/tickets/${encodeURIComponent(ticket.number)}`;
    return line;
  }));
}

function draw(id, entry) {
  const { call, history, phase } = entry;
  const made = node(id);
  made.dataset.phase = phase;
  made.querySelector(".state").dataset.state = phase;
  made.querySelector(".timer").dataset.since = since(entry);
  made.toggleAttribute("data-written", form.about === id);
  made.querySelector("[data-case-line]").hidden = !call.sender_case;
  fill(made, {
    word: word("state", phase),
    way: word("way", call.way),
    number: number(call.citizen_number),
    name: call.citizen_name ?? "",
    times: times(history),
    case: call.sender_case ?? "",
  });
  openTickets(made.querySelector("[data-open]"), history);
}

function drawAll() {
  const sorted = [...calls].sort(([, a], [, b]) => ORDER.indexOf(a.phase) - ORDER.indexOf(b.phase));
  for (const [id, entry] of sorted) draw(id, entry);
  arrange(list, sorted.map(([id]) => node(id)));
  for (const id of nodes.keys()) if (!calls.has(id)) nodes.delete(id);
  root.querySelector("[data-no-calls]").hidden = calls.size > 0;
  tick();
}

desk.addEventListener("changed", drawAll);
desk.addEventListener("about", drawAll);
