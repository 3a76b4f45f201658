import type { PresenceLink } from "../presence/link.ts";
import type { Post } from "./post.ts";

const TOPIC = "presence";

/** What the link needs of its surroundings. */
export interface WorkerPresenceContext {
  readonly post: Post;
  /** How many siblings serve now. */
  readonly countOthers: () => number;
  /** Told of each message that could not be sent. */
  readonly onLost: () => void;
}

/** Presence between workers. */
export function createPresenceLink(context: WorkerPresenceContext): PresenceLink {
  const { post, countOthers, onLost } = context;
  const send = (body: string, to?: string): void => {
    if (!post.publish({ topic: TOPIC, ...(to !== undefined && { to }), body })) onLost();
  };
  return {
    echoes: false,
    open: (id, listener) => {
      post.on(TOPIC, ({ to, body }) => {
        if (to === undefined || to === id) listener.receive(body);
      });
      listener.opened();
    },
    publish: (message) => send(message),
    countOthers: () => Promise.resolve(countOthers()),
    tell: (id, message) => send(message, id),
  };
}
