/* [data-clear]: empties the form and its draft; the call stays at the desk. */

import * as drafts from "./drafts.js";
import { attach, form } from "./form.js";

form.element.addEventListener("reset", (event) => {
  event.preventDefault();
  const id = form.about ?? drafts.NO_CALL;
  drafts.write(id, { ...drafts.read(id), fields: undefined, key: undefined });
  attach(form.about, { focus: true });
});
