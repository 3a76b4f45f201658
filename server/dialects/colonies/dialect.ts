import type { Dialect } from "../../connections/dialect.ts";
import { ColoniesSession } from "./subscriptions/session.ts";
import type {
  SubscriptionContext,
  SubscriptionSurroundings,
} from "./subscriptions/subscription-context.ts";
import { SubscriptionWatches } from "./subscriptions/subscription-watches.ts";

/**
 * Clients of ColonyOS that wait for a process, or follow one of its channels. Their first frame is
 * not looked for elsewhere: they have an address of their own.
 */
export function createColoniesDialect(surroundings: SubscriptionSurroundings): Dialect {
  const context: SubscriptionContext = {
    ...surroundings,
    watches: new SubscriptionWatches(surroundings),
  };
  return {
    name: "colonies",
    claims: () => false,
    open: (connection, socket) => new ColoniesSession(connection, socket, context),
  };
}
