/* One call's line in the left column. */

import { arrange, copy, fill } from "../dom.js";
import { moment, number } from "../shown.js";
import { say, word } from "../words.js";

const OPEN_SHOWN = 3;
const templates = document.querySelector("[data-telephone]");

/** An empty line for the call. */
export function newLine(id) {
  const line = copy(templates.querySelector("[data-call-template]"));
  line.dataset.callId = id;
  return line;
}

/** When the present phase began. */
function since({ call, phase }) {
  if (phase === "ringing") return call.offers.at(-1)?.rang_at ?? call.started_at;
  return phase === "ended" || phase === "draft" ? "" : (call.answered_at ?? call.started_at);
}

function times({ citizen_e164 }, history) {
  if (!history || !citizen_e164) return "";
  if (!history.available) return say("history_unread");
  const { calls_before: before, last_call_at: last } = history;
  if (!before) return say("first_call");
  return `${say("nth_call", { n: before + 1 })}${last ? ` · ${say("last_call", { time: moment(last) })}` : ""}`;
}

function openLine(ticket) {
  const line = copy(templates.querySelector("[data-open-template]"));
  fill(line, { ticket: ticket.number, kind: word("kind", ticket.kind), excerpt: ticket.excerpt });
  line.querySelector("a").href = `/tickets/${encodeURIComponent(ticket.number)}`;
  return line;
}

export function drawLine(line, entry, { isWritten }) {
  const { call, history, phase } = entry;
  line.dataset.phase = phase;
  line.querySelector(".state").dataset.state = phase;
  line.querySelector(".timer").dataset.since = since(entry);
  line.toggleAttribute("data-written", isWritten);
  line.querySelector("[data-case-line]").hidden = !call.sender_case;
  fill(line, {
    word: word("state", phase),
    way: word("way", call.way),
    number: number(call.citizen_number),
    name: call.citizen_name ?? "",
    times: times(call, history),
    case: call.sender_case ?? "",
  });
  const open = (history?.tickets ?? []).filter(({ status }) => status === "open");
  arrange(line.querySelector("[data-open]"), open.slice(0, OPEN_SHOWN).map(openLine));
}
