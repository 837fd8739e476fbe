/* [data-device]: a telephone stands beside its computer: the one last used here is offered first. */

import { mine } from "./mine.js";
import { frames } from "./socket.js";

const HERE = "hotline.device";
const choice = document.querySelector("[data-device]");
const last = localStorage.getItem(HERE);

if (!("chosen" in choice.dataset) && [...choice.options].some(({ value }) => value === last)) {
  choice.value = last;
}

frames.addEventListener("mine", () => {
  if (mine.presence.device) localStorage.setItem(HERE, mine.presence.device);
});
