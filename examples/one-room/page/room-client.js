import { Channel } from "./lib/commonroom.js";

/** A member by the room client. */
export async function joinByRoomClient({ webSocketUrl, room }, { hear, setState }) {
  const channel = new Channel(`${webSocketUrl}/ws`, { autoReconnect: true });
  channel.onRoomMessage(room, ({ text }) => hear(text));
  channel.onClose(() => setState("offline", "offline"));
  channel.onOpen(() => setState("live", "joined"));
  await channel.connect();
  await channel.join(room);
  return (text) => channel.sendTo(room, { text });
}
