/** Follows the room as a page of AWX follows jobs: it is the group of the key `room` and the id 1. */
export function followByTower({ webSocketUrl, room }, { hear, setState }) {
  const socket = new WebSocket(`${webSocketUrl}/websocket/`);
  const [key, id] = room.split("-");
  socket.onopen = () => socket.send(JSON.stringify({ groups: { [key]: [Number(id)] } }));
  socket.onclose = () => setState("offline", "offline");
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.groups_current?.includes(room)) setState("live", "in the group");
    if (message.text !== undefined) hear(message.text);
  };
  return undefined;
}
