/* [data-forget]: logging out takes what was half written from this machine. */

import { forgetAll } from "./desk/drafts.js";

document.querySelector("[data-forget]")?.addEventListener("submit", forgetAll);
