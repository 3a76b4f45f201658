import { setTimeout as sleep } from "node:timers/promises";
import type { Usage } from "../protocol.ts";
import type { ServerProcess } from "../server-process.ts";
import { connectJoiners, Joiner } from "./joiner.ts";
import { withCluster } from "./nodes.ts";
import { untilListed } from "./presence-count.ts";
import type { Scale } from "./scale.ts";

/** What one presence weighs, in bytes: what JavaScript holds, and what the system counts. */
export interface PresenceWeight {
  readonly heldBytes: number;
  readonly rssBytes: number;
}

/** What presences weigh on the two kinds of nodes. */
export interface WeightResult {
  readonly presences: number;
  /** On the node of the members: what their memberships take without presence is taken off. */
  readonly author: PresenceWeight;
  /** On a node that has no members. */
  readonly other: PresenceWeight;
}

/** Time for the last timers to end and for buffers to go, after which held memory is compared. */
const SETTLE_MS = 1000;
const SETTLED_SHARE = 0.998;
const PATIENCE_MS = 20_000;

/** Weighs presences, with full garbage collections before and after they come. */
export function measureWeight(scale: Scale): Promise<WeightResult> {
  const { weighedConnections, weighedRooms } = scale;
  const presences = weighedConnections * weighedRooms;
  const rooms = (kind: string): string[] =>
    Array.from({ length: weighedRooms }, (_, index) => `${kind}:${index}`);
  return withCluster(2, async ({ nodes }) => {
    const [author, other] = nodes;
    if (author === undefined || other === undefined) throw new Error("no nodes");
    const join = (kind: string): Promise<Joiner[]> =>
      connectJoiners(weighedConnections, (index) => {
        return new Joiner(author.port, `member ${index}`, rooms(kind));
      });
    const warmedUp = [await join("warm"), await join("shown:warm")].flat();
    const atFirst = await settled(author);
    const plain = await join("plain");
    const withPlain = await settled(author);
    const otherBefore = await settled(other);
    const shown = await join("shown");
    for (const room of rooms("shown")) {
      await untilListed(other, room, weighedConnections, PATIENCE_MS);
    }
    const withShown = await settled(author);
    const otherAfter = await settled(other);
    for (const joiner of [...warmedUp, ...plain, ...shown]) joiner.cut();
    const membership = weightOf(atFirst, withPlain, presences);
    const whole = weightOf(withPlain, withShown, presences);
    return {
      presences,
      author: {
        heldBytes: whole.heldBytes - membership.heldBytes,
        rssBytes: whole.rssBytes - membership.rssBytes,
      },
      other: weightOf(otherBefore, otherAfter, presences),
    };
  });
}

/** Collects garbage until there is nothing more to collect. */
async function settled(node: ServerProcess): Promise<Usage> {
  for (let former = await node.usage(true); ; ) {
    await sleep(SETTLE_MS);
    const latest = await node.usage(true);
    if (latest.heldBytes > former.heldBytes * SETTLED_SHARE) return latest;
    former = latest;
  }
}

function weightOf(before: Usage, after: Usage, presences: number): PresenceWeight {
  return {
    heldBytes: (after.heldBytes - before.heldBytes) / presences,
    rssBytes: (after.rssBytes - before.rssBytes) / presences,
  };
}
