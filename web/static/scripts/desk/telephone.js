/* [data-telephone]: the calls at this phone, the ringing one on top. */

import { arrange } from "../dom.js";
import { tick } from "../ticking.js";
import { drawLine, newLine } from "./call-line.js";
import { calls, desk } from "./calls.js";
import { form } from "./form.js";

const ORDER = ["ringing", "talking", "held", "passed", "ended", "draft"];
const root = document.querySelector("[data-telephone]");
const lines = new Map();

function lineOf(id) {
  if (!lines.has(id)) lines.set(id, newLine(id));
  return lines.get(id);
}

function draw() {
  const sorted = [...calls].sort(([, a], [, b]) => ORDER.indexOf(a.phase) - ORDER.indexOf(b.phase));
  for (const [id, entry] of sorted) drawLine(lineOf(id), entry, { isWritten: form.about === id });
  arrange(root.querySelector("[data-calls]"), sorted.map(([id]) => lineOf(id)));
  for (const id of lines.keys()) if (!calls.has(id)) lines.delete(id);
  root.querySelector("[data-no-calls]").hidden = calls.size > 0;
  tick();
}

desk.addEventListener("changed", draw);
desk.addEventListener("about", draw);
