import { HookCalls, type HookCallsContext } from "./hook-calls.ts";
import { Visitors, type VisitorsContext } from "./visitors.ts";

/** Who Tower clients are, and the calls of the hooks that are asked about them. */
export interface KnownVisitors {
  readonly visitors: Visitors;
  readonly calls: HookCalls;
}

/** Makes what finds out who Tower clients are. The rooms ask it, too, so it comes before them. */
export function createVisitors(
  context: HookCallsContext & Omit<VisitorsContext, "calls">,
): KnownVisitors {
  const calls = new HookCalls(context);
  return { visitors: new Visitors({ ...context, calls }), calls };
}
