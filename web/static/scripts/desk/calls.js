/* The calls of this desk by id; whoever draws listens to `desk`.

   An entry is { call, history, phase }. Phases: ringing, talking, held, passed (it goes on
   elsewhere), ended, draft (only its half-written ticket is left). */

import { isMine } from "../mine.js";
import * as drafts from "./drafts.js";

/** Events: changed, rings, withdrawn, bound, ended, restored, about, saved; detail is the call's id. */
export const desk = new EventTarget();
export const calls = new Map();

export const tell = (name, detail) => desk.dispatchEvent(new CustomEvent(name, { detail }));

export const isLive = (entry) => ["ringing", "talking", "held"].includes(entry?.phase);

function phaseOf(call) {
  if (call.state === "ended") return "ended";
  const segment = call.segments.findLast(isMine);
  if (!segment) return "ringing";
  if (segment.to !== null) return "passed";
  return call.state === "held" ? "held" : "talking";
}

/** Take the call's newest value, and its history where one is told; a read one stays. */
export function put(call, told = null) {
  const known = calls.get(call.id)?.history ?? null;
  const history = told?.available || !known ? told : known;
  calls.set(call.id, { call, history, phase: phaseOf(call) });
  return calls.get(call.id);
}

/** Show a call of which only the kept draft is left. */
export const putDraft = (id, call) =>
  calls.set(id, { call, history: calls.get(id)?.history ?? null, phase: "draft" });

/** Keep a place for the ticket of an answered call, also over a reload. */
export const keepPlace = ({ call }) => drafts.write(call.id, { ...drafts.read(call.id), call });

/** Whether a ticket of the call was saved at this desk. */
export const isTicketed = (id) => Boolean(drafts.read(id)?.tickets?.length);

/** Take a call from the desk, unless its ticket is half written. */
export function remove(id) {
  const entry = calls.get(id);
  if (entry && drafts.hasText(drafts.read(id))) {
    putDraft(id, entry.call);
  } else {
    calls.delete(id);
    drafts.drop(id);
  }
  tell("changed", id);
}
