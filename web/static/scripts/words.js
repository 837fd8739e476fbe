/* The page's words, in the person's language. */

const words = JSON.parse(document.getElementById("words").textContent);

/** The word for a code; the code itself when there is none. */
export const word = (table, code) => words[table]?.[code] ?? code ?? "";

/** A sentence with its facts put in: say("nth_call", { n: 3 }). */
export const say = (key, facts = {}) =>
  word("say", key).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
