/** How long to wait before connecting again, as AWX's page does. */
const RECONNECT_MS = 1000;

/**
 * What a page follows.
 *
 * @typedef {object} Following
 * @property {(message: object) => void} onMessage takes each notification
 * @property {(state: string) => void} onState
 */

/**
 * Follows the jobs, and one job's output, as AWX's page does: each message of the client names all
 * groups that it wants, and repeats the cookie `csrftoken`.
 *
 * @param {string} webSocketUrl
 * @param {Following} following
 * @returns {{ follow: (jobId: number) => void }}
 */
export function connectAsAwx(webSocketUrl, { onMessage, onState }) {
  /** @type {WebSocket} */
  let socket;
  let groups = { jobs: ["status_changed", "summary"], control: ["limit_reached_1"] };

  function ask() {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify({ xrftoken: cookie("csrftoken"), groups }));
  }

  function connect() {
    socket = new WebSocket(`${webSocketUrl}/websocket/`);
    socket.onopen = ask;
    socket.onmessage = ({ data }) => receive(JSON.parse(data));
    socket.onclose = () => {
      onState("offline");
      setTimeout(connect, RECONNECT_MS);
    };
  }

  function receive(message) {
    if ("groups_current" in message) onState("live");
    else if ("error" in message) onState(`refused: ${message.error}`);
    else if ("group_name" in message) onMessage(message);
  }

  connect();
  return {
    follow(jobId) {
      groups = { ...groups, job_events: [jobId] };
      ask();
    },
  };
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found?.slice(name.length + 1) ?? null;
}
