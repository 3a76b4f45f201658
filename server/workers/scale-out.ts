import { inMemory, type ScaleOut } from "../bus/scale-out.ts";
import type { WorkerPlace } from "./place.ts";

/** The other workers of one server: no backends, and nothing that outlives a worker. */
export function overWorkers({
  createAdapter,
  presenceLink,
}: Pick<WorkerPlace, "createAdapter" | "presenceLink">): ScaleOut &
  Pick<WorkerPlace, "presenceLink"> {
  return { ...inMemory(), createAdapter, presenceLink };
}
