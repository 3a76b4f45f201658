import { describe, expect, it } from "vitest";
import type { Servers } from "../../../server/bus/servers.ts";
import { Subscriptions, type TopicKind } from "../../../server/bus/subscriptions.ts";

/** A Redis connection that notes what is subscribed; the first time of one kind, it never answers. */
function createServers(silentAt?: "subscribe" | "sSubscribe" | "pSubscribe") {
  const names: string[] = [];
  let fail = (_error: Error): void => {};
  const client = Object.fromEntries(
    ["subscribe", "sSubscribe", "pSubscribe"].map((method) => [
      method,
      (given: readonly string[]) => {
        if (method !== silentAt) {
          names.push(...given);
          return Promise.resolve();
        }
        return new Promise((_resolve, reject) => {
          fail = reject;
        });
      },
    ]),
  );
  const servers = { first: client, ownerOf: () => client, isCluster: false } as unknown as Servers;
  return { servers, names, fail: () => fail(new Error("Socket closed unexpectedly")) };
}

const kinds: readonly TopicKind[] = ["channel", "shard", "pattern"];

describe("a connection that is lost while it is being subscribed to what is wanted", () => {
  it.each(["subscribe", "sSubscribe", "pSubscribe"] as const)(
    "in the midst of %s leaves nothing out on the next one",
    async (method) => {
      const nothing = (): void => {};
      const subscriptions = new Subscriptions({
        onHeard: nothing,
        onCrash: nothing,
        onRefused: nothing,
      });
      // More than what is asked for in one command, so that there are further ones.
      const wanted = kinds.flatMap((kind) =>
        Array.from({ length: kind === "pattern" ? 3 : 600 }, (_, n) => `${kind} ${n}`),
      );
      for (const name of wanted) {
        const kind = kinds.find((each) => name.startsWith(each)) ?? "channel";
        void subscriptions.add({ kind, name, listener: nothing });
      }
      const lost = createServers(method);
      const attaching = subscriptions.attach(lost.servers, true, nothing);
      await Promise.resolve();
      subscriptions.detach();
      lost.fail();
      await attaching.catch(nothing);
      const next = createServers();
      await subscriptions.attach(next.servers, true, nothing);
      expect(new Set(next.names)).toEqual(new Set(wanted));
      expect(next.names).toHaveLength(wanted.length);
    },
  );
});
