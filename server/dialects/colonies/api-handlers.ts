import type { ApiHandlers } from "./api.ts";
import { createAssignmentHandlers } from "./assignment-handlers.ts";
import type { Assignments } from "./assignments.ts";
import { createColonyHandlers } from "./colony-handlers.ts";
import { createExecutorHandlers } from "./executor-handlers.ts";
import { createProcessHandlers, type ProcessHandlersContext } from "./process-handlers.ts";
import type { Processes } from "./processes.ts";
import type { Registry } from "./registry.ts";
import type { Handlers } from "./request.ts";
import { createUserHandlers } from "./user-handlers.ts";

/** What the handlers of requests need. */
export interface ApiHandlersContext {
  readonly registry: Registry;
  readonly processes: Processes;
  readonly assignments: Assignments;
  /** Handlers of what channels take and give. */
  readonly channels: Handlers<"channelappendmsg" | "channelreadmsg">;
  readonly settings: ProcessHandlersContext["settings"];
}

/** Handlers of everything that `POST /api` takes. */
export function createApiHandlers(context: ApiHandlersContext): ApiHandlers {
  return {
    ...createColonyHandlers(context),
    ...createExecutorHandlers(context),
    ...createUserHandlers(context),
    ...createProcessHandlers(context),
    ...createAssignmentHandlers(context),
    ...context.channels,
  };
}
