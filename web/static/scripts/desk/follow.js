/* What the frames do to the calls of this desk, frame by frame. */

import { isMine } from "../mine.js";
import { frames } from "../socket.js";
import { calls, isLive, isTicketed, keepPlace, put, putDraft, remove, tell } from "./calls.js";
import * as drafts from "./drafts.js";

const FOLLOW = {
  snapshot({ pops, bound }) {
    const live = new Set([...pops, ...bound].map(({ call }) => call.id));
    for (const { call, history } of pops) put(call, history);
    for (const { call, history } of bound) keepPlace(put(call, history));
    for (const id of calls.keys()) if (!live.has(id)) calls.delete(id);
    for (const [id, { call }] of drafts.ofCalls()) if (call && !live.has(id)) putDraft(id, call);
    tell("changed");
    tell("restored");
  },
  pop({ call, history }) {
    put(call, history);
    tell("changed", call.id);
    tell("rings", call.id);
  },
  withdrawn({ call_id: id }) {
    if (!calls.has(id)) return;
    tell("withdrawn", id);
    remove(id);
  },
  bound({ call, history }) {
    keepPlace(put(call, history));
    tell("changed", call.id);
    tell("bound", call.id);
  },
  changed({ call, step }) {
    if (!calls.has(call.id)) return;
    put(call);
    tell("changed", call.id);
    if (step !== "ended") return;
    tell("ended", call.id);
    if (isTicketed(call.id) || !call.segments.some(isMine)) remove(call.id);
  },
  ticketed({ number, call_id: id }) {
    if (!id) return;
    const draft = drafts.read(id);
    drafts.write(id, { ...draft, tickets: [...new Set([...(draft?.tickets ?? []), number])] });
    if (!calls.has(id)) drafts.drop(id);
    else if (!isLive(calls.get(id))) remove(id);
  },
};

for (const [name, act] of Object.entries(FOLLOW)) {
  frames.addEventListener(name, ({ detail }) => act(detail));
}
