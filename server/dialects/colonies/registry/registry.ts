import type { Clock } from "../../../clock.ts";
import type { RecordStore } from "../../../records/record-store.ts";
import type { Membership } from "../processes/process.ts";
import type { Failure } from "../wire/outcome.ts";
import { ColonyRegistry } from "./colony-registry.ts";
import type { ListedExecutor } from "./executor.ts";
import { ExecutorRegistry } from "./executor-registry.ts";
import { isName, shownName } from "./registry-names.ts";
import type { Person } from "./registry-roster.ts";
import { UserRegistry } from "./user-registry.ts";

/** Who takes part by the settings. */
export interface RegistrySettings {
  /** Identity of the server's owner; undefined if there is none. */
  readonly serverId?: string | undefined;
  readonly colonies: readonly { readonly name: string; readonly id: string }[];
  readonly executors: readonly ListedExecutor[];
  readonly users: readonly Person[];
  /** How long an executor that was removed is still shown, in ms. */
  readonly keepEndedMs: number;
}

/** What the registry needs of its surroundings. */
export interface RegistryContext {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly settings: RegistrySettings;
  /** Whether everybody is welcome in every colony, as a user and as an executor. */
  readonly isOpenHouse: boolean;
}

/** Digits of an identity that are its name in an open house. */
const NAME_DIGITS = 8;

/** Who takes part, and in which role. */
export class Registry implements Membership {
  /** The colonies there are. */
  readonly colonies: ColonyRegistry;
  /** The executors of all colonies, approved or not. */
  readonly executors: ExecutorRegistry;
  /** The users of all colonies. */
  readonly users: UserRegistry;
  /** Whether everybody is welcome in every colony, as a user and as an executor. */
  readonly isOpenHouse: boolean;
  readonly #serverId: string | undefined;

  constructor({ records, clock, settings, isOpenHouse }: RegistryContext) {
    const { keepEndedMs } = settings;
    this.colonies = new ColonyRegistry(records, settings.colonies);
    this.executors = new ExecutorRegistry({
      records,
      clock,
      listed: settings.executors,
      keepEndedMs,
    });
    this.users = new UserRegistry(records, settings.users);
    this.isOpenHouse = isOpenHouse;
    this.#serverId = settings.serverId;
  }

  /** Approved executors and users are members. */
  async failure(identity: string, colony: string): Promise<Failure | undefined> {
    const name = await this.nameOf(identity, colony);
    return name === undefined ? this.#strangerFailure(colony) : undefined;
  }

  /** As `failure`, but executors need not be approved. */
  async failureOfPending(identity: string, colony: string): Promise<Failure | undefined> {
    const isExecutor = (await this.executors.withId(colony, identity)).length > 0;
    return isExecutor ? undefined : this.failure(identity, colony);
  }

  /** What a member is called in a colony; undefined for who is no member. */
  async nameOf(identity: string, colony: string): Promise<string | undefined> {
    if (this.isOpenHouse) return isName(colony) ? identity.slice(0, NAME_DIGITS) : undefined;
    const [executor] = await this.executors.approved(colony, identity);
    if (executor !== undefined) return executor.executorname;
    const [user] = await this.users.withId(colony, identity);
    return user?.name;
  }

  /** Why an identity is not the owner of a colony, or undefined if it is. */
  async colonyOwnerFailure(identity: string, name: string): Promise<Failure | undefined> {
    if (name === "") return denied("Empty Colony name");
    const colony = await this.colonies.find(name);
    if (colony === undefined) return denied(unknownColonyText(name));
    return colony.colonyid === identity ? undefined : denied("Access denied, not colony owner");
  }

  /** Why an identity is not the owner of the server, or undefined if it is. */
  serverOwnerFailure(identity: string): Failure | undefined {
    return identity === this.#serverId ? undefined : denied("Access denied, not server owner");
  }

  async #strangerFailure(name: string): Promise<Failure> {
    const isKnown = (await this.colonies.find(name)) !== undefined;
    const text = `Access denied, not a member of Colony with name ${shownName(name)}`;
    return denied(isKnown ? text : unknownColonyText(name));
  }
}

/** What is said of a colony that is not there, in the words that clients know. */
export function unknownColonyText(name: string): string {
  return `Colony with name ${shownName(name)} does not exists`;
}

function denied(message: string): Failure {
  return { status: 403, message };
}
