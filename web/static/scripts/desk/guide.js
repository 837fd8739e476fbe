/* [data-guides]: what an empty telephone says, by what this person has chosen. */

import { mine } from "../mine.js";
import { frames } from "../socket.js";

const guides = [...document.querySelectorAll("[data-guide]")];

function draw() {
  const { choice } = mine.presence;
  const wanted = guides.find(({ dataset }) => dataset.guide === choice) ?? guides.at(-1);
  for (const guide of guides) guide.hidden = guide !== wanted;
}

frames.addEventListener("snapshot", draw);
frames.addEventListener("mine", draw);
