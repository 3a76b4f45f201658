import { Socket } from "./lib/phoenix.mjs";

/**
 * Follows the jobs, and one job's output, through phoenix.js: a channel each.
 *
 * @param {string} webSocketUrl
 * @param {import("./awx-connection.js").Following} following
 * @returns {{ follow: (jobId: number) => void }}
 */
export function connectByPhoenix(webSocketUrl, { onMessage, onState }) {
  const socket = new Socket(`${webSocketUrl}/socket`);
  socket.onClose(() => onState("offline"));
  socket.connect();

  function join(room) {
    const channel = socket.channel(room);
    channel.on("message", onMessage);
    channel
      .join()
      .receive("ok", () => onState("live"))
      .receive("error", ({ reason }) => onState(`refused: ${reason}`));
    return channel;
  }

  join("jobs-status_changed");
  join("jobs-summary");
  let output;
  return {
    follow(jobId) {
      output?.leave();
      output = join(`job:${jobId}`);
    },
  };
}
