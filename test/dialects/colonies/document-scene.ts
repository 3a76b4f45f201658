import {
  ColoniesClient,
  type Process,
  ProcessState,
} from "../../../examples/colonies-stream/colonies-client/index.ts";
import { startColony, type TestColony } from "../../support/colonies-colony.ts";
import { Printed } from "../../support/colonies-printed.ts";
import { example, run } from "./document-examples.ts";

/** The document's examples on a server of their own, with what they make. */
export class Scene {
  readonly colony: TestColony;
  readonly console = new Printed();
  readonly executor: ColoniesClient;

  private constructor(colony: TestColony) {
    this.colony = colony;
    this.executor = colony.clientOf(colony.keys.executor);
  }

  /** Starts a server, in memory or on a Redis. */
  static async begin(redisUrl: string | undefined): Promise<Scene> {
    return new Scene(await startColony(redisUrl));
  }

  /** The document's client and process, made as it makes them. */
  async defineChannels(): Promise<{ client: ColoniesClient; process: Process }> {
    const made = await this.run("Defining Channels", { names: { ColoniesClient } }, [
      ["your-executor-private-key", this.colony.keys.executor],
    ]);
    return made as { client: ColoniesClient; process: Process };
  }

  /** The chat of the complete example, which is over once it is ready. */
  async chat(): Promise<void> {
    await this.run(
      "Complete Example: Streaming Chat",
      { names: { ColoniesClient, ProcessState } },
      [["your-private-key", this.colony.keys.user]],
    );
  }

  /** Takes the next process as its executor. */
  assign(key = this.colony.keys.executor): Promise<Process> {
    return this.executor.assign("my-colony", 10, key);
  }

  /**
   * Runs an example as printed, but for the address and the keys that it shows.
   *
   * @returns what it makes, by name
   */
  run(
    heading: string,
    { names = {} }: { readonly names?: Readonly<Record<string, unknown>> },
    keys: readonly (readonly [shown: string, meant: string])[] = [],
  ): Promise<Readonly<Record<string, unknown>>> {
    const code = example(heading);
    const address = [
      ["'localhost'", "'127.0.0.1'"],
      ["50080", `${this.colony.server.port}`],
    ] as const;
    return run(code, {
      names: { console: this.console, ...names },
      replaced: [...(code.includes("50080") ? address : []), ...keys],
      wanted: namesMadeBy(code),
    });
  }
}

/** The names that code makes at its top level. */
function namesMadeBy(code: string): readonly string[] {
  return [...code.matchAll(/^(?:const|enum) (\w+)/gm)].map(([, name = ""]) => name);
}
