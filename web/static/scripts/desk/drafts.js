/* What is half written is kept in this browser, per person and call, until it is saved. */

const person = document.querySelector("[data-person]").dataset.person;
const PREFIX = `hotline.draft.${person}.`;
const OLD = 12 * 60 * 60 * 1000; // ms; an empty draft older than this is of no use to anybody
export const NO_CALL = "none";

/** The draft of a call: { call, fields, key, at }, or null. */
export function read(id) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + id));
  } catch {
    return null;
  }
}

/** Keep the draft; a browser that refuses to keep it must not stop the typing. */
export function write(id, draft) {
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify({ ...draft, at: new Date().toISOString() }));
    return true;
  } catch {
    return false;
  }
}

export const drop = (id) => localStorage.removeItem(PREFIX + id);

/** Whether somebody has written something into it. */
export const hasText = (draft) => Boolean(draft?.fields?.content?.trim());

/** Every kept draft of a call by the call's id; forgets old empty ones. */
export function ofCalls() {
  const found = [];
  for (const name of Object.keys(localStorage)) {
    const id = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : NO_CALL;
    const draft = id === NO_CALL ? null : read(id);
    if (draft === null) continue;
    if (!hasText(draft) && Date.now() - Date.parse(draft.at) > OLD) drop(id);
    else found.push([id, draft]);
  }
  return found;
}

export function forgetAll() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  }
}
