/* This person's own presence, as last told. */

import { set } from "./clock.js";
import { frames } from "./socket.js";

export const mine = { presence: null };

frames.addEventListener("snapshot", ({ detail }) => {
  set(detail.now);
  mine.presence = detail.presence;
});
frames.addEventListener("mine", ({ detail }) => {
  mine.presence = detail.presence;
});

/** Whether a segment or an offer of a call is this desk's. */
export const isMine = ({ agent, device }) =>
  agent === mine.presence?.person || (device !== null && device === mine.presence?.device);
