/* Gives the form to a call by itself: never from somebody who has typed, and never the focus. */

import { calls, desk, isLive } from "./calls.js";
import { attach, form, isUntouched } from "./form.js";

/** A ringing call gets a form that no live call holds; an answered one also from a ringing one. */
const HOLDERS = { rings: ["ringing", "talking", "held"], bound: ["talking", "held"] };

for (const [happening, holders] of Object.entries(HOLDERS)) {
  desk.addEventListener(happening, ({ detail: id }) => {
    const isHeld = holders.includes(calls.get(form.about)?.phase);
    if (form.about !== id && isUntouched() && !isHeld) attach(id);
  });
}

desk.addEventListener("withdrawn", ({ detail: id }) => {
  if (form.about === id && isUntouched()) attach(null);
});

/* A call that has its ticket leaves the desk: an empty form leaves it too. */
desk.addEventListener("changed", () => {
  if (form.about !== null && !calls.has(form.about) && isUntouched()) attach(null);
});

/* After a reload: back to the call under way, else to a half-written ticket. */
desk.addEventListener("restored", () => {
  if (form.about !== null || !isUntouched()) return;
  const known = [...calls];
  const wanted = known.find(([, entry]) => isLive(entry)) ?? known.find(([, { phase }]) => phase === "draft");
  attach(wanted?.[0] ?? null);
});

attach(null);
