import { Socket } from "./lib/phoenix.mjs";

/** A member by phoenix.js. */
export function joinByPhoenix({ webSocketUrl, room }, { hear, setState }) {
  const socket = new Socket(`${webSocketUrl}/socket`);
  socket.onClose(() => setState("offline", "offline"));
  socket.connect();
  const channel = socket.channel(room, {});
  channel.on("message", ({ text }) => hear(text));
  channel.join().receive("ok", () => setState("live", "joined"));
  return (text) => channel.push("message", { text });
}
