/* Asking the server: commands and look-ups of the REST interface, refusals as errors. */

import { say, word } from "./words.js";

const csrf = document.querySelector('meta[name="csrf"]').content;

/** What the server would not do, in words for the person. */
export class Refused extends Error {
  constructor({ code = "", message = "", article = "", field = "" } = {}) {
    const known = word("refusal", code);
    const what = known !== code ? known : message || say("unknown_fault");
    super(article ? `${what} ${say("article", { article: citation(article) })}` : what);
    this.field = field;
    this.code = code;
  }
}

/** "Art. 11(2)" in the person's language. */
const citation = (article) =>
  article.replace(/^Art\. (\d+)/, (_, n) => say("article_of", { n }));

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, options);
  } catch {
    throw new Refused({ message: say("no_network") });
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(body);
  return body;
}

export const look = (path) => ask(path, { headers: { accept: "application/json" } });

/** A command; `key` makes a repeated one harmless. */
export function command(path, body = {}, key = "") {
  const headers = { "content-type": "application/json", "x-csrf-token": csrf };
  if (key) headers["idempotency-key"] = key;
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** A new key, also where the page is not a secure context. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
