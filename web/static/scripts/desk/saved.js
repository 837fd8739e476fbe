/* [data-saved]: the ticket just saved, and its call's recording as soon as it is there. */

import { arrange } from "../dom.js";
import { player } from "../player.js";
import { look } from "../server.js";
import { say } from "../words.js";
import { desk } from "./calls.js";

const AGAIN = 3_000; // ms until a recording still being written is looked for again
const TRIES = 200;
const root = document.querySelector("[data-saved]");
const recordings = root.querySelector("[data-saved-recordings]");
const state = root.querySelector("[data-saved-state]");
let latest = null;

const isPlayable = ({ state: how }) => how !== "recording" && how !== "missing";

async function drawRecordings(id, number, tries = TRIES) {
  const call = await look(`calls/${encodeURIComponent(id)}`).catch(() => null);
  if (latest !== number) return;
  const playable = (call?.recordings ?? []).filter(isPlayable);
  state.textContent = playable.length ? "" : say("recording_later");
  arrange(recordings, playable.map(player));
  if (!playable.length && tries) setTimeout(drawRecordings, AGAIN, id, number, tries - 1);
}

desk.addEventListener("saved", ({ detail: { number, call } }) => {
  latest = number;
  root.querySelector("[data-saved-none]").hidden = true;
  root.querySelector("[data-saved-some]").hidden = false;
  const link = root.querySelector("[data-saved-number]");
  link.textContent = number;
  link.href = `/tickets/${encodeURIComponent(number)}`;
  arrange(recordings, []);
  state.textContent = "";
  if (call) drawRecordings(call, number);
});
