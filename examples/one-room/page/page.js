import { openPanel } from "./panel.js";
import { joinByPhoenix } from "./phoenix.js";
import { joinByPlain } from "./plain.js";
import { joinByPython } from "./python.js";
import { joinByRoomClient } from "./room-client.js";
import { joinBySocketIo } from "./socketio.js";
import { followTerminal } from "./terminal.js";
import { followByTower } from "./tower.js";

const { serverUrl, webSocketUrl } = await (await fetch("config.json")).json();
const place = { serverUrl, webSocketUrl, room: "room-1" };

await Promise.all([
  openPanel({ id: "phoenix", name: "phoenix.js", call: 'new Socket("/socket")' }, (screen) =>
    joinByPhoenix(place, screen),
  ),
  openPanel({ id: "socketio", name: "Socket.IO", call: "io()" }, (screen) =>
    joinBySocketIo(place, screen),
  ),
  openPanel({ id: "client", name: "room client", call: 'new Channel("/ws")' }, (screen) =>
    joinByRoomClient(place, screen),
  ),
  openPanel({ id: "python", name: "Python in the page", call: 'Channel("/ws")' }, (screen) =>
    joinByPython(place, screen),
  ),
  openPanel({ id: "plain", name: "No library", call: 'new WebSocket("/ws")' }, (screen) =>
    joinByPlain(place, screen),
  ),
  openPanel(
    { id: "tower", name: "As AWX does", call: '{"groups": {"room": [1]}}', listens: true },
    (screen) => followByTower(place, screen),
  ),
  openPanel(
    { id: "executor", name: "ColonyOS executor", call: "subscribeChannel(…)", terminal: true },
    (screen) => followTerminal("executor", screen),
  ),
  openPanel(
    { id: "backend", name: "Python on Redis", call: 'publish("to:…:message", …)', terminal: true },
    (screen) => followTerminal("backend", screen),
  ),
]);
