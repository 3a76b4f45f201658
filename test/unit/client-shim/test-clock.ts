import type { ChannelClock } from "../../../client-shim/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A clock that a test moves, with a chance that it sets, and a list of the waits asked for. */
export class TestClock extends ManualClock implements ChannelClock {
  chance = 1;
  readonly waits: number[] = [];

  random(): number {
    return this.chance;
  }

  override after(delayMs: number, task: () => void): () => void {
    this.waits.push(delayMs);
    return super.after(delayMs, task);
  }
}
