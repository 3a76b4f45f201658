import { until } from "./until.ts";

/** A console that keeps what is printed. */
export class Printed {
  /** A line for each call. */
  readonly lines: string[] = [];

  log(...values: readonly unknown[]): void {
    this.lines.push(values.map(String).join(" "));
  }

  error(...values: readonly unknown[]): void {
    this.log(...values);
  }

  /** Waits until a line was printed. */
  async has(line: string): Promise<void> {
    try {
      await until(line, () => this.lines.includes(line));
    } catch {
      throw new Error(`"${line}" was not printed, but ${JSON.stringify(this.lines)}`);
    }
  }
}
