import type { RefusalCode } from "../../codes.ts";
import { type Group, groupOf, isLegalName } from "./group.ts";
import {
  isMarkedObject,
  type Marked,
  type MarkedObject,
  numberTextOf,
  parseMarked,
  stringOf,
} from "./marked-json.ts";
import { pythonNumber } from "./python-number.ts";

/** What a client sent. */
export type TowerRequest =
  /** Text that is no JSON object. */
  | { readonly kind: "unreadable"; readonly code: RefusalCode }
  | {
      readonly kind: "readable";
      /** Whether it repeats the token of the client's cookie. */
      readonly isGenuine: boolean;
      readonly wish: Wish;
    };

/** What a readable request asks for. */
export type Wish =
  /** Nothing: it names no groups. */
  | { readonly kind: "nothing" }
  /** Something that cannot be had. */
  | { readonly kind: "refused"; readonly code: RefusalCode }
  /** To be in these groups and in no others, by their names. */
  | { readonly kind: "groups"; readonly groups: ReadonlyMap<string, Group> };

/** What a request is read by. */
export interface RequestRules {
  /** Most groups of one request. */
  readonly maxGroups: number;
  /** The token that a genuine request repeats; undefined if the client has none. */
  readonly csrfToken: string | undefined;
}

/** Reads what a client sent. */
export function readRequest(data: string | Buffer, rules: RequestRules): TowerRequest {
  const value = typeof data === "string" ? parseMarked(data) : undefined;
  if (value === undefined) return { kind: "unreadable", code: "frame_invalid" };
  if (!isMarkedObject(value)) return { kind: "unreadable", code: "request_invalid" };
  const token = stringOf(value["sxrftoken"]);
  const isGenuine = token !== undefined && token !== "" && token === rules.csrfToken;
  return { kind: "readable", isGenuine, wish: readWish(value["sgroups"], rules) };
}

/** Whether a client's first message is of this dialect: an object that names groups. */
export function isTower(first: string | Buffer): boolean {
  const value = typeof first === "string" ? parseMarked(first) : undefined;
  return isMarkedObject(value) && ("sgroups" in value || "sxrftoken" in value);
}

function readWish(groups: Marked | undefined, rules: RequestRules): Wish {
  if (groups === undefined) return { kind: "nothing" };
  const read = isMarkedObject(groups) ? readGroups(groups, rules) : "groups_invalid";
  return typeof read === "string"
    ? { kind: "refused", code: read }
    : { kind: "groups", groups: read };
}

function readGroups(
  lists: MarkedObject,
  { maxGroups }: RequestRules,
): Map<string, Group> | RefusalCode {
  const groups = new Map<string, Group>();
  for (const [markedKey, list] of Object.entries(lists)) {
    if (!isList(list)) return "group_denied";
    for (const value of list) {
      const item = textOf(value);
      if (item === undefined) return "groups_invalid";
      const group = groupOf(markedKey.slice(1), item);
      if (!isLegalName(group.name)) return "group_name_invalid";
      groups.set(group.name, group);
      if (groups.size > maxGroups) return "rooms_exhausted";
    }
  }
  return groups;
}

function isList(value: Marked): value is readonly Marked[] {
  return Array.isArray(value);
}

/** An item as Python's `str` shows it. Lists and objects make no legal name, so they are left out. */
function textOf(value: Marked): string | undefined {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  const number = numberTextOf(value);
  return number === undefined ? stringOf(value) : pythonNumber(number);
}
