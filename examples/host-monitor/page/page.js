import { Socket } from "./lib/phoenix.mjs";
import { io } from "./lib/socket.io.js";
import { createMonitor } from "./monitor.js";

const ROOM = "system";
const EVENT = "update-node";

const { serverUrl, webSocketUrl } = await (await fetch("config.json")).json();
const phoenix = createMonitor("phoenix.js", "phoenix");
const socketIo = createMonitor("Socket.IO", "socketio");
document.getElementById("monitors")?.append(phoenix.element, socketIo.element);
joinByPhoenix(phoenix);
joinBySocketIo(socketIo);

/** @param {import("./monitor.js").Monitor} monitor */
function joinByPhoenix(monitor) {
  const socket = new Socket(`${webSocketUrl}/socket`);
  socket.onClose(() => monitor.showState("offline"));
  socket.connect();

  const channel = socket.channel(ROOM);
  channel.on(EVENT, monitor.update);
  channel
    .join()
    .receive("ok", () => monitor.showState("live"))
    .receive("error", ({ reason }) => monitor.showState(`refused: ${reason}`));
}

/** @param {import("./monitor.js").Monitor} monitor */
function joinBySocketIo(monitor) {
  const socket = io(serverUrl);
  socket.on("disconnect", () => monitor.showState("offline"));
  socket.on(EVENT, monitor.update);
  socket.on("connect", () => {
    socket.emit("join", ROOM, {}, ({ status, response }) => {
      monitor.showState(status === "ok" ? "live" : `refused: ${response.reason}`);
    });
  });
}
