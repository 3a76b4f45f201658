import type { FunctionSpec } from "../../server/dialects/colonies/processes/process.ts";

/** A spec in which nothing has a value of its own but what is given. */
export function functionSpec(given: Partial<FunctionSpec> = {}): FunctionSpec {
  return {
    nodename: "",
    funcname: "",
    args: [],
    kwargs: {},
    priority: 0,
    maxwaittime: 0,
    maxexectime: 0,
    maxretries: 0,
    conditions: { colonyname: "c", executornames: [], executortype: "t" },
    label: "",
    fs: {},
    env: {},
    ...given,
  };
}
