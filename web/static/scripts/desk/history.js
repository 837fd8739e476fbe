/* [data-history]: what is known of the number the form writes about: its tickets and its calls. */

import { arrange, copy, fill, stamp } from "../dom.js";
import { duration, exact, moment, number } from "../shown.js";
import { look } from "../server.js";
import { player } from "../player.js";
import { say, word } from "../words.js";
import { calls, desk } from "./calls.js";
import { form } from "./form.js";

const LIMIT = 8;
const root = document.querySelector("[data-history]");
const part = (name) => root.querySelector(`[data-history-${name}]`);
let shown = null;

const when = (line, instant) =>
  stamp(line.querySelector("time"), instant, moment(instant), exact(instant));

function ticketLine({ number: digits, kind, status, created_at, excerpt }) {
  const line = copy(root.querySelector("[data-past-ticket-template]"));
  fill(line, { ticket: digits, kind: word("kind", kind), status: word("status", status), excerpt });
  line.querySelector("a").href = `/tickets/${encodeURIComponent(digits)}`;
  when(line, created_at);
  return line;
}

function callLine({ way, outcome, started_at, talk_seconds, recordings }) {
  const line = copy(root.querySelector("[data-past-call-template]"));
  const talk = talk_seconds ? duration(talk_seconds) : "";
  fill(line, { way: word("way", way), outcome: word("outcome", outcome), talk });
  when(line, started_at);
  const sound = recordings.find(({ state }) => state !== "missing" && state !== "recording");
  const play = line.querySelector("[data-play-recording]");
  play.hidden = !sound;
  play.onclick = () => {
    play.hidden = true;
    line.querySelector("[data-player-place]").append(player(sound));
    line.querySelector("audio").play();
  };
  return line;
}

function drawList(name, lines) {
  arrange(part(name), lines);
  part(`${name}-part`).hidden = lines.length === 0;
  part("none").hidden = ["tickets", "calls"].some((list) => part(list).children.length > 0);
}

async function drawCalls(call) {
  const query = new URLSearchParams({ number: call.citizen_e164, limit: LIMIT });
  const { calls: earlier } = await look(`calls?${query}`).catch(() => ({ calls: [] }));
  if (shown !== call.id) return;
  drawList("calls", earlier.filter(({ id, state }) => id !== call.id && state === "ended").map(callLine));
}

function draw() {
  const { call, history } = calls.get(form.about) ?? {};
  part("number").textContent = call ? number(call.citizen_number) : "";
  part("none-title").textContent = call ? say("history_none") : say("history_empty");
  drawList("tickets", (history?.tickets ?? []).slice(0, LIMIT).map(ticketLine));
  if (shown === call?.id) return;
  shown = call?.id ?? null;
  drawList("calls", []);
  if (call?.citizen_e164) drawCalls(call);
}

desk.addEventListener("about", draw);
desk.addEventListener("changed", draw);
