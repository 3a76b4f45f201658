import type { RecordStore } from "../../../records/record-store.ts";
import { done, failed, type Outcome } from "../wire/outcome.ts";
import type { ColonyUser } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { identityProblem, isName } from "./registry-names.ts";
import { type Person, Roster } from "./registry-roster.ts";
import { retried } from "./retried.ts";

const MAX_USERS = 10_000;

/** The users of all colonies: those of the settings, and those that were added. */
export class UserRegistry {
  readonly #roster: Roster<ColonyUser>;

  /** @param listed by the settings; they cannot be removed */
  constructor(records: RecordStore, listed: readonly Person[]) {
    this.#roster = new Roster({
      records,
      kind: "user",
      listed: listed.map(listedUser),
      personOf: ({ colonyname, name, userid }) => ({ colony: colonyname, name, id: userid }),
    });
  }

  /** All users of a colony. */
  all(colony: string): Promise<readonly ColonyUser[]> {
    return this.#roster.all(colony);
  }

  /** The users that an identity is in a colony. */
  withId(colony: string, id: string): Promise<readonly ColonyUser[]> {
    return this.#roster.withId(colony, id);
  }

  /** Adds a user to its colony, unless the name is taken there or the colony has too many. */
  async add(user: ColonyUser): Promise<Outcome<ColonyUser>> {
    const problem = problemOf(user);
    if (problem !== undefined) return refused(problem);
    const { colonyname, name } = user;
    const taken = `A user with name ${name} already exists in Colony with name ${colonyname}`;
    if ((await this.#roster.find(colonyname, name)) !== undefined) return failed(400, taken);
    if ((await this.#roster.count(colonyname)) >= MAX_USERS) {
      return refused(`the Colony has ${MAX_USERS} users already`);
    }
    return (await this.#roster.write(user, 0)) ? done(user) : failed(400, taken);
  }

  /** Removes a user from a colony. Not for users of the settings. */
  remove(colony: string, name: string): Promise<Outcome<undefined>> {
    const phrase = phraseOf("removeusermsg");
    return retried(async () => {
      const known = await this.#roster.find(colony, name);
      if (known === undefined) return failed(500, `${phrase}, user is nil`);
      const { version } = known;
      if (version === undefined) {
        return failed(403, `${phrase}, user is listed in the settings of the server`);
      }
      return (await this.#roster.remove(colony, name, version)) ? done(undefined) : undefined;
    });
  }

  /** Removes all users of a colony that are not listed in the settings. */
  clear(colony: string): Promise<void> {
    return this.#roster.clear(colony);
  }
}

function listedUser({ colony, name, id }: Person): ColonyUser {
  return { colonyname: colony, userid: id, name, email: "", phone: "" };
}

function problemOf({ userid, name, email, phone }: ColonyUser): string | undefined {
  const problem = identityProblem("user", userid);
  if (problem !== undefined) return problem;
  if (!isName(name)) return "invalid user name";
  if (email !== "" && !isName(email)) return "invalid email";
  return phone === "" || isName(phone) ? undefined : "invalid phone";
}

function refused(problem: string): Outcome<never> {
  return failed(400, `${phraseOf("addusermsg")}, ${problem}`);
}
