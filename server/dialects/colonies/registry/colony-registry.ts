import type { RecordStore } from "../../../records/record-store.ts";
import { done, failed, type Outcome } from "../wire/outcome.ts";
import type { Colony } from "../wire/request.ts";
import { phraseOf } from "../wire/request-phrase.ts";
import { keyOf } from "./registry-keys.ts";
import { identityProblem, isName, shownName } from "./registry-names.ts";

const MAX_COLONIES = 1000;
const INDEX = keyOf("colonies");
/** Colonies are in the order of their names. */
const SCORE = 0;

/** The colonies: those of the settings, and those that were added. */
export class ColonyRegistry {
  readonly #records: RecordStore;
  readonly #listed: ReadonlyMap<string, Colony>;

  /** @param listed by the settings; they cannot be removed */
  constructor(records: RecordStore, listed: readonly { readonly name: string; id: string }[]) {
    this.#records = records;
    this.#listed = new Map(listed.map(({ name, id }) => [name, { colonyid: id, name }]));
  }

  /** How many colonies there are. */
  async count(): Promise<number> {
    return this.#listed.size + (await this.#records.count(INDEX));
  }

  /** The colony of a name, or undefined if there is none. */
  async find(name: string): Promise<Colony | undefined> {
    const listed = this.#listed.get(name);
    if (listed !== undefined || !isName(name)) return listed;
    const record = await this.#records.read(keyOf("colony", name));
    return record && readColony(record.text);
  }

  /** All colonies. */
  async all(): Promise<readonly Colony[]> {
    const records = await this.#records.list(INDEX, { limit: Number.MAX_SAFE_INTEGER });
    const added = records.map(({ text }) => readColony(text));
    return [...this.#listed.values(), ...added.filter(({ name }) => !this.#listed.has(name))];
  }

  /** Whether a colony is one of the settings'. */
  isListed(name: string): boolean {
    return this.#listed.has(name);
  }

  /** Adds a colony, unless its name is taken or there are too many. */
  async add({ colonyid, name }: Colony): Promise<Outcome<Colony>> {
    const phrase = phraseOf("addcolonymsg");
    const problem = identityProblem("colony", colonyid);
    if (problem !== undefined) return failed(400, `${phrase}, ${problem}`);
    if (!isName(name)) return failed(400, `${phrase}, invalid colony name`);
    const taken = failed(400, `A Colony with name ${name} already exists`);
    if (this.#listed.has(name)) return taken;
    if ((await this.find(name)) !== undefined) return taken;
    if ((await this.count()) >= MAX_COLONIES) {
      return failed(400, `${phrase}, there are ${MAX_COLONIES} colonies already`);
    }
    const colony = { colonyid, name };
    const places = [[INDEX, SCORE]] as const;
    const key = keyOf("colony", name);
    const text = JSON.stringify(colony);
    return (await this.#records.write({ key, text, version: 0, places })) ? done(colony) : taken;
  }

  /** Removes a colony alone, without those who belong to it. Not for colonies of the settings. */
  async remove(name: string): Promise<Outcome<undefined>> {
    const key = keyOf("colony", name);
    const record = isName(name) ? await this.#records.read(key) : undefined;
    const isRemoved = record !== undefined && (await this.#records.remove(key, record.version));
    if (isRemoved) return done(undefined);
    return failed(400, `Colony with name ${shownName(name)} not found`);
  }
}

/** Only nodes write records, so what is in them is what was once put there. */
function readColony(text: string): Colony {
  return JSON.parse(text) as Colony;
}
