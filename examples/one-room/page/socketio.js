import { io } from "./lib/socket.io.js";

/** A member by Socket.IO's client. */
export function joinBySocketIo({ serverUrl, room }, { hear, setState }) {
  const socket = io(serverUrl);
  socket.on("message", ({ text }) => hear(text));
  socket.on("disconnect", () => setState("offline", "offline"));
  socket.on("connect", async () => {
    const { status } = await socket.emitWithAck("join", room, {});
    if (status === "ok") setState("live", "joined");
  });
  return (text) => socket.emitWithAck("push", room, "message", { text });
}
