/* The window's title rings too, for whoever has another window in front. */

import { number } from "../shown.js";
import { say, word } from "../words.js";
import { calls, desk } from "./calls.js";

const calm = document.title;

desk.addEventListener("changed", () => {
  const ringing = [...calls.values()].find(({ phase }) => phase === "ringing")?.call;
  document.title = ringing
    ? `▲ ${say("ring", { way: word("way", ringing.way), number: number(ringing.citizen_number) })}`
    : calm;
});
