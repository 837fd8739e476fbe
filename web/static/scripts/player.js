/* [data-player]: a recording with a way past the queue's music to the talk. */

import { copy } from "./dom.js";
import { say } from "./words.js";

/** The start of the next time citizen and agent are together after `at`, else of the first. */
export const nextTalk = (bridged, at) =>
  (bridged.find(([start]) => start > at + 0.5) ?? bridged[0])?.[0] ?? 0;

/** A player for a recording, made from the page's template. */
export function player({ id, bridged }) {
  const made = copy(document.querySelector("[data-player-template]"));
  made.dataset.bridged = JSON.stringify(bridged);
  made.querySelector("audio").src = `/api/v1/recordings/${encodeURIComponent(id)}`;
  made.querySelector("[data-skip]").hidden = bridged.length === 0;
  return made;
}

/** Play; why it cannot is told beside the player, by the error below. */
export const start = (audio) => audio.play().catch(() => {});

document.addEventListener("click", async ({ target }) => {
  const root = target.closest("[data-skip]")?.closest("[data-player]");
  if (!root) return;
  const audio = root.querySelector("audio");
  if (audio.readyState === 0) {
    audio.load();
    await new Promise((ready) => audio.addEventListener("loadedmetadata", ready, { once: true }));
  }
  audio.currentTime = nextTalk(JSON.parse(root.dataset.bridged), audio.currentTime);
  start(audio);
});

/* Media events do not bubble: they are caught on the way down. */
document.addEventListener(
  "error",
  ({ target }) => {
    const root = target.closest?.("[data-player]");
    if (root) root.querySelector("[data-player-fault]").textContent = say("no_sound");
  },
  true,
);
document.addEventListener(
  "play",
  ({ target }) => {
    for (const other of document.querySelectorAll("audio")) if (other !== target) other.pause();
  },
  true,
);
