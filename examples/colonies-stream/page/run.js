import { createConversation } from "./conversation.js";
import { createOutput } from "./output.js";
import { request } from "./requests.js";

/** The states of a process, by their numbers. */
export const states = ["WAITING", "RUNNING", "SUCCESS", "FAILED"];

/**
 * One process, followed in the rooms of its channels.
 *
 * @param {{ id: string, title: string, command: string, state: number, errors: string[] }} described
 * @param {{ channel: import("commonroom/client").Channel, token: string, onChange: () => void }} page
 */
export function createRun(described, { channel, token, onChange }) {
  const { id, title, command } = described;
  const rooms = { output: `process:${id}:output`, chat: `process:${id}:chat` };
  const output = createOutput();
  const conversation = createConversation();
  /** The output's last line may have said it already. */
  const isNews = (text) => text !== output.failure();
  const run = {
    id,
    title,
    command,
    output: output.element,
    conversation: conversation.element,
    state: described.state,
    errors: described.errors,
    /** What is wrong with its rooms, for people. */
    problem: "",
    /** What is to be said besides its output. */
    note: () => [run.problem, ...run.errors.filter(isNews)].join(" ").trim(),
    follow,
    ask,
    isOver: () => run.state >= 2,
    hasRoom: (room) => Object.values(rooms).includes(room),
  };
  let isFollowed = false;

  function tell({ state, errors }) {
    run.state = state;
    run.errors = errors ?? [];
    onChange();
  }

  /** Each room tells its messages, and every room of a process tells of its states. */
  function hear(room, add) {
    channel.onRoomMessage(room, (message, { event }) => {
      if (event === "process") tell(message);
      else add(message);
    });
    // From the start of its log. After a cut the client asks for the rest by itself.
    return channel.join(room, { token, since: 0 });
  }

  /** Joins its rooms, once. */
  async function follow() {
    if (isFollowed) return;
    isFollowed = true;
    try {
      await Promise.all([hear(rooms.output, output.add), hear(rooms.chat, conversation.add)]);
      // It may have come on before the rooms were joined.
      const { state, errors } = await request(`api/runs/${id}`);
      if (state > run.state) tell({ state, errors });
    } catch (error) {
      run.problem = error.message;
      onChange();
    }
  }

  /** Asks the executor. The room tells everyone else. */
  async function ask(text) {
    const question = { text, _sequence: conversation.next() };
    conversation.add(question);
    await channel.push(rooms.chat, "message", question);
  }

  return run;
}
