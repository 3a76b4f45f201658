import { readFile } from "node:fs/promises";
import { until } from "../support/until.ts";
import { PyodidePage } from "./pyodide-page.ts";
import { PythonProcess } from "./python-process.ts";

/** Somewhere Python runs. */
export interface Place {
  readonly name: string;
  /** Whether `asyncio.run` works beside `await` at the top level: a page's loop always runs. */
  readonly runsLoops: boolean;
  start(): Promise<void>;
  /** Forgets all names and all that was printed. */
  begin(): Promise<void>;
  /** Runs Python; `await` is allowed at the top level. Rejects with what it raises. */
  run(code: string): Promise<void>;
  /** What was printed, a line each. */
  printed(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Waits until a line was printed. */
export async function untilPrinted(place: Place, line: string): Promise<void> {
  let printed: readonly string[] = [];
  try {
    await until(line, async () => {
      printed = await place.printed();
      return printed.includes(line);
    });
  } catch {
    throw new Error(`"${line}" was not printed, but ${JSON.stringify(printed)}`);
  }
}

/** A page in Chromium with Pyodide. */
export class PagePlace implements Place {
  readonly name = "in the page";
  readonly runsLoops = true;
  #opened: PyodidePage | undefined;

  async start(): Promise<void> {
    this.#opened = await PyodidePage.start();
    await this.#evaluate(`(() => {
      installInto(pyodide);
      pyodide.setStdout({ batched: (line) => globalThis.printed.push(line) });
    })()`);
  }

  async begin(): Promise<void> {
    await this.#evaluate(`(() => {
      globalThis.names = pyodide.globals.get("dict")();
      globalThis.printed = [];
    })()`);
    await this.run(await coreSource());
  }

  async run(code: string): Promise<void> {
    const call = `pyodide.runPythonAsync(${JSON.stringify(code)}, { globals: names })`;
    await this.#evaluate(`${call}.then(() => {})`);
  }

  async printed(): Promise<readonly string[]> {
    return (await this.#evaluate("globalThis.printed")) as string[];
  }

  async stop(): Promise<void> {
    await this.#opened?.stop();
  }

  #evaluate(expression: string): Promise<unknown> {
    if (this.#opened === undefined) throw new Error("not started");
    return this.#opened.page.evaluate(expression);
  }
}

/** A program of its own, whose loop runs as a notebook's does. */
export class ProgramPlace implements Place {
  readonly name = "in a program";
  readonly runsLoops = false;
  #python: PythonProcess | undefined;
  #requests = 0;

  start(): Promise<void> {
    this.#python = new PythonProcess("test/room-clients/document-shell.py");
    return Promise.resolve();
  }

  async begin(): Promise<void> {
    await this.#ask("begin");
    await this.run(await coreSource());
  }

  async run(code: string): Promise<void> {
    await this.#ask("run", code);
  }

  async printed(): Promise<readonly string[]> {
    return String(await this.#ask("printed"))
      .trimEnd()
      .split("\n");
  }

  async stop(): Promise<void> {
    await this.#python?.stop();
  }

  async #ask(op: string, code = ""): Promise<unknown> {
    if (this.#python === undefined) throw new Error("not started");
    this.#requests += 1;
    const answer = await this.#python.ask(JSON.stringify({ n: this.#requests, op, code }));
    const { value, error } = JSON.parse(answer) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  }
}

/** Puts the stand-in for `metafor.core` where its import finds it. */
async function coreSource(): Promise<string> {
  const source = await readFile("test/room-clients/metafor-core.py", "utf8");
  return `
import sys, types
import metafor
core = metafor.core = sys.modules["metafor.core"] = types.ModuleType("metafor.core")
exec(${JSON.stringify(source)}, core.__dict__)
del sys, types, metafor, core
`;
}
