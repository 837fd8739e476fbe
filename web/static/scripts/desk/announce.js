/* [data-announce]: says aloud, to those who do not see it, what the telephone does. */

import { number } from "../shown.js";
import { say, word } from "../words.js";
import { calls, desk } from "./calls.js";

const place = document.querySelector("[data-announce]");

function facts(id) {
  const { call } = calls.get(id);
  return { way: word("way", call.way), number: number(call.citizen_number) };
}

desk.addEventListener("rings", ({ detail }) => (place.textContent = say("ring", facts(detail))));
desk.addEventListener("bound", ({ detail }) => (place.textContent = say("connected", facts(detail))));
desk.addEventListener("ended", () => (place.textContent = say("ended")));
desk.addEventListener("withdrawn", () => (place.textContent = say("withdrawn")));
