import { done, failed } from "../wire/outcome.ts";
import type { Handlers } from "../wire/request.ts";
import { orNull } from "./colony-handlers.ts";
import { type Registry, unknownColonyText } from "./registry.ts";

/** What the handlers of users need. */
export interface UserHandlersContext {
  readonly registry: Registry;
}

/** Answers what has to do with the users of a colony. */
export function createUserHandlers({
  registry,
}: UserHandlersContext): Handlers<"addusermsg" | "getusersmsg" | "removeusermsg"> {
  const { colonies, users } = registry;
  return {
    async addusermsg({ user }, { signer }) {
      const { colonyname } = user;
      // Only here clients know an unknown colony by 400.
      if (colonyname !== "" && (await colonies.find(colonyname)) === undefined) {
        return failed(400, unknownColonyText(colonyname));
      }
      const failure = await registry.colonyOwnerFailure(signer, colonyname);
      return failure === undefined ? users.add(user) : { ok: false, failure };
    },

    async getusersmsg({ colonyname }, { signer }) {
      const failure = await registry.failureOfPending(signer, colonyname);
      if (failure !== undefined) return { ok: false, failure };
      return done(orNull(await users.all(colonyname)));
    },

    async removeusermsg({ colonyname, name }, { signer }) {
      const failure = await registry.colonyOwnerFailure(signer, colonyname);
      if (failure !== undefined) return { ok: false, failure };
      const outcome = await users.remove(colonyname, name);
      return outcome.ok ? done({}) : outcome;
    },
  };
}
