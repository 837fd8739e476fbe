/* The one websocket of the page: frames become events, a lost connection comes back by itself.

   A connection begins with a snapshot, so nothing missed has to be replayed. */

import { isSignedOut } from "./session.js";

const FIRST_WAIT = 500; // ms
const LONGEST_WAIT = 8_000; // ms
const LONGEST_SILENCE = 40_000; // ms; the server beats every 15 s
const SESSION_ENDED = 4401;
const TOO_MANY_TABS = 4409;

/** One event per frame, named by its type, and "online", "offline", "crowded". */
export const frames = new EventTarget();

let wait = FIRST_WAIT;
let silence = 0;

const tell = (name, detail) => frames.dispatchEvent(new CustomEvent(name, { detail }));

function connect() {
  const address = new URL("/ws", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => again(socket), LONGEST_SILENCE);
  };
  socket.onopen = listen;
  socket.onmessage = ({ data }) => {
    listen();
    const frame = JSON.parse(data);
    if (frame.type === "snapshot") {
      wait = FIRST_WAIT;
      tell("online");
    }
    tell(frame.type, frame);
  };
  socket.onclose = ({ code }) => {
    if (code === SESSION_ENDED) location.assign("/login");
    else if (code === TOO_MANY_TABS) tell("crowded");
    else again(socket);
  };
}

async function again(socket) {
  clearTimeout(silence);
  socket.onclose = socket.onmessage = null;
  socket.close();
  tell("offline");
  await new Promise((done) => setTimeout(done, wait * (0.75 + Math.random() / 2)));
  wait = Math.min(wait * 2, LONGEST_WAIT);
  if (await isSignedOut()) location.assign("/login");
  else connect();
}

/* Those who listen are all modules of the page: they have run when the document is ready. */
document.addEventListener("DOMContentLoaded", connect, { once: true });
