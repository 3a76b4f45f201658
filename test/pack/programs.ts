/** What a user of the package might write: programs of a blank project, as text. */

/** Serves, is asked how it is, has a backend's message in a room, and stops. */
export const serving = `
import { createCommonroom } from "commonroom";

const commonroom = createCommonroom({ port: 0, logLevel: "silent" });
const { url } = await commonroom.listen();
const health = await (await fetch(url + "/health")).json();
console.log(health.status);
const published = await fetch(url + "/publish", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ room: "lobby", payload: { text: "hello" } }),
});
console.log(published.ok ? "lobby" : await published.text());
await commonroom.close();
console.log("stopped");
`;

/** The same in a file that requires. */
export const required = `
const { Channel } = require("commonroom/client");
const { installInto } = require("commonroom/pyodide");
const { name } = require("commonroom/package.json");
if ([typeof Channel, typeof installInto, name].join() !== "function,function,commonroom") {
  throw new Error("not all is there");
}
${serving
  .replace("import { createCommonroom } from", "const { createCommonroom } = require(")
  .replace('"commonroom";', '"commonroom");\n(async () => {')}
})();
`;

/** Prints where commonroom.py is. */
export const pythonModule = `
import { fileURLToPath } from "node:url";
console.log(fileURLToPath(import.meta.resolve("commonroom/commonroom.py")));
`;

/** Gives Python the room client. */
export const pyodide = `
import { installInto } from "commonroom/pyodide";
import { loadPyodide } from "pyodide";

globalThis.WebSocket ??= class WebSocket {};
const pyodide = await loadPyodide();
installInto(pyodide);
console.log(pyodide.runPython("import commonroom; commonroom.Channel.__name__"));
`;

/** Two members of one room in a page: what one says, the other hears. Is TypeScript, too. */
export const page = `
import { Channel } from "commonroom/client";

const address = "ws://" + location.host + "/ws";
const ann = new Channel(address);
const bob = new Channel(address);
bob.onRoomMessage("lobby", (message) => {
  Object.assign(globalThis, { said: message });
});
await Promise.all([ann.connect(), bob.connect()]);
await bob.join("lobby");
await ann.join("lobby");
await ann.sendTo("lobby", { text: "hello from the bundle" });
`;

/** A channel of an application's own, with types. */
export const typed = `
import {
  accept,
  type Commonroom,
  type CommonroomOptions,
  createCommonroom,
  reject,
  reply,
  type Status,
} from "commonroom";
import { Channel, type ChannelOptions } from "commonroom/client";
import { installInto } from "commonroom/pyodide";

const options: CommonroomOptions = { port: 0, logLevel: "silent" };
const commonroom: Commonroom = createCommonroom(options);
commonroom.channel("room:*", {
  join: ({ id }) => (id === "root" ? reject("unauthorized") : accept({ name: "ann" })),
  on: {
    shout: {
      handle(member) {
        const name: string = member.state.name;
        member.broadcast("shout", { by: name });
        return reply();
      },
    },
  },
});
const client: ChannelOptions = { autoReconnect: true };
export const made: readonly unknown[] = [Channel, client, installInto];
const { url } = await commonroom.listen();
const status: Status = commonroom.status();
if (!url.startsWith("http") || status.redis !== "off") throw new Error(url);
await commonroom.close();
console.log("stopped");
`;

/** A typed module that requires. */
export const typedCommonJs = `
import commonroom = require("commonroom");

const room: commonroom.Commonroom = commonroom.createCommonroom({ port: 0, logLevel: "silent" });
room
  .listen()
  .then(() => room.close())
  .then(() => console.log("stopped"));
`;
