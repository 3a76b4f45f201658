import type { ApiHandlers } from "./api.ts";
import { createAssignmentHandlers } from "./processes/assignment-handlers.ts";
import type { Assignments } from "./processes/assignments.ts";
import {
  createProcessHandlers,
  type ProcessHandlersContext,
} from "./processes/process-handlers.ts";
import type { Processes } from "./processes/processes.ts";
import { createColonyHandlers } from "./registry/colony-handlers.ts";
import { createExecutorHandlers } from "./registry/executor-handlers.ts";
import type { Registry } from "./registry/registry.ts";
import { createUserHandlers } from "./registry/user-handlers.ts";
import type { Handlers } from "./wire/request.ts";

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
