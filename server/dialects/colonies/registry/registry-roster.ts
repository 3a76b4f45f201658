import type { Place, RecordStore, StoredRecord } from "../../../records/record-store.ts";
import { keyOf } from "./registry-keys.ts";
import { isName } from "./registry-names.ts";

/** Who an entry of a roster is. */
export interface Person {
  readonly colony: string;
  readonly name: string;
  readonly id: string;
}

/** What a roster needs of its surroundings. */
export interface RosterContext<Entry> {
  readonly records: RecordStore;
  /** One word, part of all keys. */
  readonly kind: string;
  /** Entries by the settings: they are always there, and come before any record of their name. */
  readonly listed: readonly Entry[];
  readonly personOf: (entry: Entry) => Person;
  /** Further indexes that an entry is in. */
  readonly placesOf?: (entry: Entry) => readonly Place[];
  /** How long an entry is kept, in ms; undefined for ever. */
  readonly lifeMsOf?: (entry: Entry) => number | undefined;
}

/** An entry and what changing it takes. */
export interface Enrolled<Entry> {
  readonly entry: Entry;
  /** Undefined for an entry of the settings, which cannot be changed. */
  readonly version: number | undefined;
}

/** Entries that are removed at a time. */
const PAGE = 500;
/** The entries of a colony are in the order of their names. */
const SCORE = 0;

/** Those who belong to colonies in one role: by name, by identity, and all of a colony. */
export class Roster<Entry> {
  readonly #context: RosterContext<Entry>;
  readonly #listed = new Map<string, Entry>();
  readonly #listedById = new Map<string, Entry[]>();
  readonly #listedByColony = new Map<string, Entry[]>();

  constructor(context: RosterContext<Entry>) {
    this.#context = context;
    for (const entry of context.listed) {
      const { colony, name, id } = context.personOf(entry);
      this.#listed.set(keyOf(context.kind, colony, name), entry);
      group(this.#listedById, this.#idIndex(colony, id), entry);
      group(this.#listedByColony, this.#colonyIndex(colony), entry);
    }
  }

  /** The entry of a name. */
  async find(colony: string, name: string): Promise<Enrolled<Entry> | undefined> {
    if (!isName(colony) || !isName(name)) return undefined;
    const key = keyOf(this.#context.kind, colony, name);
    const listed = this.#listed.get(key);
    if (listed !== undefined) return { entry: listed, version: undefined };
    const record = await this.#context.records.read(key);
    return record && { entry: this.#read(record), version: record.version };
  }

  /** The entries of an identity in a colony: usually none or one. */
  withId(colony: string, id: string): Promise<readonly Entry[]> {
    return this.#all(colony, this.#idIndex(colony, id), this.#listedById);
  }

  /** All entries of a colony. */
  all(colony: string): Promise<readonly Entry[]> {
    return this.#all(colony, this.#colonyIndex(colony), this.#listedByColony);
  }

  /** How many entries of a colony are records. */
  count(colony: string): Promise<number> {
    return this.#context.records.count(this.#colonyIndex(colony));
  }

  /**
   * Puts an entry in the place of another.
   *
   * @param version of the other; 0 where there is none
   * @returns false if somebody was faster
   */
  write(entry: Entry, version: number): Promise<boolean> {
    const { records, kind, personOf, placesOf, lifeMsOf } = this.#context;
    const { colony, name, id } = personOf(entry);
    return records.write({
      key: keyOf(kind, colony, name),
      text: JSON.stringify(entry),
      version,
      places: [
        [this.#colonyIndex(colony), SCORE],
        [this.#idIndex(colony, id), SCORE],
        ...(placesOf?.(entry) ?? []),
      ],
      lifeMs: lifeMsOf?.(entry),
    });
  }

  /** @returns false if somebody was faster */
  remove(colony: string, name: string, version: number): Promise<boolean> {
    return this.#context.records.remove(keyOf(this.#context.kind, colony, name), version);
  }

  /** Removes all records of a colony. */
  async clear(colony: string): Promise<void> {
    const { records } = this.#context;
    for (;;) {
      const page = await records.list(this.#colonyIndex(colony), { limit: PAGE });
      if (page.length === 0) return;
      await Promise.all(page.map(({ key, version }) => records.remove(key, version)));
    }
  }

  async #all(
    colony: string,
    index: string,
    listedIn: ReadonlyMap<string, readonly Entry[]>,
  ): Promise<readonly Entry[]> {
    if (!isName(colony)) return [];
    const found = await this.#context.records.list(index, { limit: Number.MAX_SAFE_INTEGER });
    const recorded = found.filter(({ key }) => !this.#listed.has(key));
    return [...(listedIn.get(index) ?? []), ...recorded.map((record) => this.#read(record))];
  }

  /** Only nodes write records, so what is in them is what was once put there. */
  #read({ text }: StoredRecord): Entry {
    return JSON.parse(text) as Entry;
  }

  #colonyIndex(colony: string): string {
    return keyOf(`${this.#context.kind}s`, colony);
  }

  #idIndex(colony: string, id: string): string {
    return keyOf(`${this.#context.kind}s-by-id`, colony, id);
  }
}

function group<Value>(groups: Map<string, Value[]>, key: string, value: Value): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [value]);
  else known.push(value);
}
