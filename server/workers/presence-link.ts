import type { PresenceLink } from "../presence/link.ts";
import type { Post } from "./post.ts";

const TOPIC = "presence";

/**
 * Presence between workers: their channel loses nothing while both ends live.
 *
 * @param countOthers how many siblings serve now
 */
export function createPresenceLink(post: Post, countOthers: () => number): PresenceLink {
  return {
    echoes: false,
    open: (id, listener) => {
      post.on(TOPIC, ({ label, body }) => {
        if (label === undefined || label === id) listener.receive(body);
      });
      listener.opened();
    },
    publish: (message) => post.publish({ topic: TOPIC, label: undefined, body: message }),
    countOthers: () => Promise.resolve(countOthers()),
    tell: (id, message) => post.publish({ topic: TOPIC, label: id, body: message }),
  };
}
