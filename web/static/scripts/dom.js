/* Filling templates; what others sent only ever becomes text. */

/** A copy of the template's one element. */
export const copy = (template) => template.content.firstElementChild.cloneNode(true);

/** The part of `root` marked `data-<name>`; root itself may be it. */
export const part = (root, name) =>
  root.matches?.(`[data-${name}]`) ? root : root.querySelector(`[data-${name}]`);

/** Write texts into the parts of `root`: { number: "139 …" } goes into [data-number]. */
export function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    const place = part(root, name);
    if (place && place.textContent !== text) place.textContent = text;
  }
}

/** Write an instant into a <time>. */
export function stamp(place, instant, text, title) {
  place.dateTime = instant;
  place.title = title;
  place.textContent = text;
}

/** Show exactly `wanted` as the children of `list`, keeping those that are already there. */
export function arrange(list, wanted) {
  wanted.forEach((node, at) => {
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
  while (list.children.length > wanted.length) list.lastElementChild.remove();
}
