import { inMemory, type ScaleOut } from "../bus/scale-out.ts";
import type { WorkerPlace } from "./place.ts";

/** The other workers of one server: no backends, and nothing that outlives a worker. */
export function overWorkers({
  createAdapter,
  presenceLink,
  hearLosses,
}: Pick<WorkerPlace, "createAdapter" | "presenceLink" | "hearLosses">): ScaleOut &
  Pick<WorkerPlace, "presenceLink"> {
  return {
    ...inMemory(),
    createAdapter,
    presenceLink,
    start: async (rooms) => hearLosses((broadcasts) => rooms.lost(broadcasts)),
  };
}
