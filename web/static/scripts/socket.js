/* The one websocket of the page: frames become events, a lost connection comes back by itself.

   A connection begins with a snapshot, so nothing missed has to be replayed. */

const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 8_000; // ms

/** Fires one event per frame, named by its type, and "online" and "offline". */
export const frames = new EventTarget();

let wait = FIRST_WAIT;

function tell(name, detail) {
  frames.dispatchEvent(new CustomEvent(name, { detail }));
}

function connect() {
  const address = new URL("/ws", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === "snapshot") {
      wait = FIRST_WAIT;
      tell("online");
    }
    tell(frame.type, frame);
  };
  socket.onclose = again;
}

async function again() {
  tell("offline");
  await new Promise((done) => setTimeout(done, wait * (0.75 + Math.random() / 2)));
  wait = Math.min(wait * 2, LONGEST_WAIT);
  if (await isSignedOut()) location.assign("/login");
  else connect();
}

/** A refused handshake tells a page nothing; whether the session has ended is asked of the desk. */
async function isSignedOut() {
  try {
    const answer = await fetch("/desk", { method: "HEAD", redirect: "manual", cache: "no-store" });
    return answer.type === "opaqueredirect" || answer.status === 401;
  } catch {
    return false;
  }
}

/** The screens listen first: modules run in order, and this one is the first that others import. */
document.addEventListener("DOMContentLoaded", connect, { once: true });
