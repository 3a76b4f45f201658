/** A member by nothing but the browser's WebSocket: it ends when its connection does. */
export function joinByPlain({ webSocketUrl, room }, { hear, setState }) {
  const socket = new WebSocket(`${webSocketUrl}/ws`);
  const send = (frame) => socket.send(JSON.stringify(frame));
  socket.onopen = () => send({ type: "_join", room, _id: 1 });
  socket.onclose = () => setState("offline", "offline");
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame._re === 1 && frame.status === "ok") setState("live", "joined");
    if (frame._room === room && frame._event === undefined) hear(frame.text);
  };
  return (text) => send({ _room: room, text });
}
