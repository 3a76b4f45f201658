import { randomUUID } from "node:crypto";
import { z } from "zod";
import { accept, type ChannelMember, defineChannel, reply } from "../../server/index.ts";

/** What the room keeps of a member, and tells of it in its presence. */
interface Person {
  readonly name: string;
  readonly isTyping: boolean;
}

/** A message on its way; `by` is its sender's presence key. */
const sent = z.object({
  id: z.string(),
  by: z.string(),
  name: z.string(),
  text: z.string(),
  at: z.number(),
});

/**
 * How a chat room behaves, whatever library its members use.
 *
 * @param notice is shown to those who come in
 */
export function chatRoom(notice: string) {
  return defineChannel({
    // What does not fit a schema is refused with its path.
    params: z.object({ name: z.string().trim().min(1).max(40) }),
    // The server has checked the token before. `you` is the key under which the page finds itself.
    join({ id }, { name }) {
      const person: Person = { name, isTyping: false };
      return accept(person, { you: id, notice });
    },
    joined: (member) => void member.presence.track(member.state),
    on: {
      message: {
        payload: z.object({ text: z.string().trim().min(1).max(2000) }),
        handle(member, { text }) {
          const { name } = member.state;
          const message = { id: randomUUID(), by: member.id, name, text, at: Date.now() };
          member.broadcast("message", message satisfies z.infer<typeof sent>);
          showTyping(member, false);
          return reply({ id: message.id });
        },
      },
      typing: {
        payload: z.object({ isTyping: z.boolean() }),
        handle(member, { isTyping }) {
          showTyping(member, isTyping);
          return reply();
        },
      },
    },
    intercept: {
      // Each member gets its own version: `mine` holds for all pages of one person, and the keys
      // of the senders stay here.
      message(member, payload) {
        const { by, ...message } = sent.parse(payload);
        return { ...message, mine: by === member.id };
      },
    },
  });
}

/**
 * Typing is part of the presence, not an event of its own: who comes in sees it too, and it goes
 * with a member that is suddenly gone, without a timer in every page.
 */
function showTyping(member: ChannelMember<Person>, isTyping: boolean): void {
  if (member.state.isTyping === isTyping) return;
  member.state = { ...member.state, isTyping };
  member.presence.update(member.state);
}
