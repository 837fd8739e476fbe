/* The lines of a number's history: a ticket, a call with its recording. */

import { copy, fill, stamp } from "../dom.js";
import { isMine } from "../mine.js";
import { player, start } from "../player.js";
import { duration, exact, moment } from "../shown.js";
import { word } from "../words.js";

const root = document.querySelector("[data-history]");

function when(line, instant) {
  stamp(line.querySelector("time"), instant, moment(instant), exact(instant));
}

export function ticketLine({ number, kind, status, created_at, excerpt }) {
  const line = copy(root.querySelector("[data-past-ticket-template]"));
  fill(line, { ticket: number, kind: word("kind", kind), status: word("status", status), excerpt });
  line.querySelector("a").href = `/tickets/${encodeURIComponent(number)}`;
  when(line, created_at);
  return line;
}

/** Who took part may listen; supervisors may listen to all. */
const mayHear = ({ offers, segments }) =>
  "hearsAll" in root.dataset || [...offers, ...segments].some(isMine);

export function callLine(call) {
  const line = copy(root.querySelector("[data-past-call-template]"));
  const talk = call.talk_seconds ? duration(call.talk_seconds) : "";
  fill(line, { way: word("way", call.way), outcome: word("outcome", call.outcome), talk });
  when(line, call.started_at);
  const sound = call.recordings.find(({ state }) => state !== "missing" && state !== "recording");
  const play = line.querySelector("[data-play-recording]");
  play.ariaLabel = `${play.textContent} ${moment(call.started_at)}`;
  play.hidden = !sound || !mayHear(call);
  play.onclick = () => {
    play.hidden = true;
    line.querySelector("[data-player-place]").append(player(sound));
    start(line.querySelector("audio"));
    line.querySelector("audio").focus();
  };
  return line;
}
