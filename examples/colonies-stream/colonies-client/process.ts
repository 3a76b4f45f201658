import { z } from "zod";

/** Where a process is in its life. */
export const ProcessState = { WAITING: 0, RUNNING: 1, SUCCESS: 2, FAILED: 3 } as const;

/** What is to be done, and by whom. What is left out has the server's default. */
export interface FunctionSpec {
  readonly funcname: string;
  readonly nodename?: string;
  readonly args?: readonly unknown[];
  readonly kwargs?: object;
  readonly priority?: number;
  /** Seconds. */
  readonly maxwaittime?: number;
  /** Seconds. */
  readonly maxexectime?: number;
  readonly maxretries?: number;
  readonly conditions?: {
    readonly colonyname?: string;
    readonly executornames?: readonly string[];
    readonly executortype?: string;
    readonly [other: string]: unknown;
  };
  readonly label?: string;
  readonly fs?: object;
  readonly env?: object;
  readonly channels?: readonly string[];
}

/** Beside these members a process has what else the server tells of it. */
const processSchema = z.looseObject({
  processid: z.string(),
  initiatorid: z.string(),
  assignedexecutorid: z.string(),
  state: z.number(),
  submissiontime: z.string(),
  spec: z.looseObject({
    funcname: z.string(),
    kwargs: z.looseObject({}).nullish(),
    channels: z.array(z.string()).nullish(),
  }),
  out: z.array(z.unknown()).nullish(),
  errors: z.array(z.string()).nullish(),
});

/** A process as the server tells of it; `state` is one of {@link ProcessState}. */
export type Process = z.infer<typeof processSchema>;

/**
 * Reads a process from a reply.
 *
 * @throws ZodError if it is none
 */
export function readProcess(value: unknown): Process {
  return processSchema.parse(value);
}

/** Reads a list of processes, which is null where there are none. */
export function readProcesses(value: unknown): readonly Process[] {
  return z.array(processSchema).nullable().parse(value) ?? [];
}
