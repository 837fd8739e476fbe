/* Whether this browser is still logged in: a refused websocket does not tell a page why. */

export async function isSignedOut() {
  const asked = { method: "HEAD", redirect: "manual", cache: "no-store" };
  const answer = await fetch("/desk", asked).catch(() => null);
  return answer?.type === "opaqueredirect";
}
