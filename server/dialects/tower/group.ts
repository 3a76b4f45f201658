/** An item of a `groups` request, and the room it stands for. */
export interface Group {
  /** Name of the event group, such as `job_events`. */
  readonly key: string;
  /** Event type or id, as Python shows it. */
  readonly item: string;
  /** The room: key, hyphen, item. */
  readonly name: string;
}

const LEGAL_NAME = /^[A-Za-z0-9_.-]{1,99}$/;
/** Names that AWX's nodes keep for talking to each other. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(["broadcast-group_send", "metrics"]);
/** Groups whose items are ids of resources, which not everyone may see. */
const RESOURCE_KEYS = [
  "job_events",
  "ad_hoc_command_events",
  "workflow_events",
  "project_update_events",
  "inventory_update_events",
  "system_job_events",
];
/** Groups of all jobs, schedules and inventories, which every user may have. */
const COMMON_KEYS: ReadonlySet<string> = new Set(["jobs", "schedules", "inventories", "control"]);
const ID = /^-?\d+$/;

/** The group of an item. Its name may be illegal or reserved. */
export function groupOf(key: string, item: string): Group {
  return { key, item, name: `${key}-${item}` };
}

/** Whether a name may be a group's: fewer than 100 of `A-Z a-z 0-9 _ . -`. */
export function isLegalName(name: string): boolean {
  return LEGAL_NAME.test(name);
}

/** Whether a name is never a client's to ask for. */
export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.has(name);
}

/** Whether a room's name is one that a client of this dialect could ask for. */
export function isGroupName(name: string): boolean {
  return isLegalName(name) && name.includes("-") && !isReservedName(name);
}

/** The key and the id of a room that is the group of one resource, which not everyone may see. */
export function resourceOf(room: string): Pick<Group, "key" | "item"> | undefined {
  const key = RESOURCE_KEYS.find((name) => room.startsWith(`${name}-`));
  return key === undefined ? undefined : { key, item: room.slice(key.length + 1) };
}

/** Whether every user of Tower's may have the groups of a key. */
export function isCommonKey(key: string): boolean {
  return COMMON_KEYS.has(key);
}

/** Whether a text can be the id of a resource. */
export function isId(text: string): boolean {
  return ID.test(text);
}
