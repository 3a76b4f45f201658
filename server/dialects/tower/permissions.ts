import { after, all, type Eventual } from "../../eventual.ts";
import { type Group, isCommonKey, isId, isReservedName, resourceOf } from "./group.ts";
import type { HookCalls } from "./hook-calls.ts";
import type { CanSee } from "./hooks.ts";
import type { Visitor } from "./visitors.ts";

/** What permissions need of their surroundings. */
export interface PermissionsContext {
  readonly canSee: CanSee | undefined;
  readonly calls: HookCalls;
  /** The room that a group's name stands for. */
  readonly roomOf: (name: string) => string;
}

/** Which groups a client may ask for. Joining them is up to its token besides. */
export class Permissions {
  readonly #context: PermissionsContext;

  constructor(context: PermissionsContext) {
    this.#context = context;
  }

  /** Whether each of the groups may be asked for, in their order. The hook is asked at once for all. */
  judge(visitor: Visitor, groups: readonly Group[]): Eventual<boolean[]> {
    return all(groups.map((group) => this.#judge(visitor, group)));
  }

  #judge(visitor: Visitor, group: Group): Eventual<boolean> {
    const { name } = group;
    if (isReservedName(name)) return false;
    const { roomOf } = this.#context;
    // By no other name may anyone see what the hook would refuse.
    const resource = resourceOf(name) ?? resourceOf(roomOf(name));
    if (resource !== undefined) return isId(resource.item) && this.#ask(visitor, resource);
    // A token says itself which rooms it covers. A pass does not, and any room has such a name.
    return visitor.pass === undefined || isCommonKey(group.key) || this.#ask(visitor, group);
  }

  #ask(visitor: Visitor, { key, item }: Pick<Group, "key" | "item">): Eventual<boolean> {
    const { canSee, calls } = this.#context;
    if (canSee === undefined) return visitor.pass === undefined;
    const answer = calls.call("canSee", () => canSee(visitor.user, key, item));
    return after(answer, (isSeen) => isSeen === true);
  }
}
