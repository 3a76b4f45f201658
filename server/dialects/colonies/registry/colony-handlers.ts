import type { Processes } from "../processes/processes.ts";
import { done, failed } from "../wire/outcome.ts";
import type { Handlers } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import type { Registry } from "./registry.ts";
import { shownName } from "./registry-names.ts";
import { readStatistics } from "./statistics.ts";

/** What the handlers of colonies need. */
export interface ColonyHandlersContext {
  readonly registry: Registry;
  readonly processes: Processes;
}

type ColonyRequest =
  | "addcolonymsg"
  | "removecolonymsg"
  | "getcoloniesmsg"
  | "getstatisticsmsg"
  | "getcronsmsg"
  | "getgeneratorsmsg"
  | "getfilelabelsmsg"
  | "removeallprocessgraphsmsg";

/** Answers what the server's owner asks, and what asks for things that are not here. */
export function createColonyHandlers({
  registry,
  processes,
}: ColonyHandlersContext): Handlers<ColonyRequest> {
  const { colonies, executors, users } = registry;
  return {
    async addcolonymsg({ colony }, { signer }) {
      const failure = registry.serverOwnerFailure(signer);
      return failure === undefined ? colonies.add(colony) : { ok: false, failure };
    },

    async removecolonymsg({ msgtype, colonyname }, { signer }) {
      const failure = registry.serverOwnerFailure(signer);
      if (failure !== undefined) return { ok: false, failure };
      if (colonies.isListed(colonyname)) {
        const phrase = phraseOf(msgtype);
        return failed(403, `${phrase}, colony is listed in the settings of the server`);
      }
      if ((await colonies.find(colonyname)) === undefined) {
        return failed(400, `Colony with name ${shownName(colonyname)} not found`);
      }
      // The colony itself comes last: where this is cut off, it can be asked for again.
      await Promise.all([executors.clear(colonyname), users.clear(colonyname)]);
      await processes.failAll(colonyname, "Colony was removed");
      return colonies.remove(colonyname);
    },

    async getcoloniesmsg(_request, { signer }) {
      const failure = registry.serverOwnerFailure(signer);
      if (failure !== undefined) return { ok: false, failure };
      return done(orNull(await colonies.all()));
    },

    async getstatisticsmsg(_request, { signer }) {
      const failure = registry.serverOwnerFailure(signer);
      if (failure !== undefined) return { ok: false, failure };
      return done(await readStatistics(registry, processes));
    },

    getcronsmsg: async () => done(null),
    getgeneratorsmsg: async () => done(null),
    getfilelabelsmsg: async () => done(null),
    removeallprocessgraphsmsg: async ({ msgtype }) =>
      failed(403, `${phraseOf(msgtype)}, there are none on this server`),
  };
}

/** A list as clients get it: one of nothing is null. */
export function orNull<Value>(list: readonly Value[]): readonly Value[] | null {
  return list.length === 0 ? null : list;
}
