/* Alt+1 … Alt+4 choose the kind, F8 saves, wherever the focus is. */

import { form } from "./form.js";

addEventListener("keydown", (event) => {
  if (event.key === "F8" && !event.repeat) {
    event.preventDefault();
    form.element.requestSubmit();
  }
  const digit = event.altKey && !event.ctrlKey && /^Digit([1-4])$/.exec(event.code);
  if (!digit) return;
  event.preventDefault();
  const kind = form.element.querySelectorAll('[name="kind"]')[digit[1] - 1];
  kind.checked = true;
  kind.dispatchEvent(new Event("input", { bubbles: true }));
});
