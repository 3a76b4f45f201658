import type { FunctionSpec } from "../processes/process.ts";
import type { RequestMembers } from "./request-members.ts";

/** Reads what is to be done, and fills in what its submitter left out. */
export function decodeSpec(members: RequestMembers): FunctionSpec {
  const channels = new Set(members.texts("channels"));
  return {
    nodename: members.text("nodename"),
    funcname: members.text("funcname"),
    args: members.values("args"),
    kwargs: members.object("kwargs"),
    priority: members.integer("priority"),
    maxwaittime: members.integer("maxwaittime"),
    maxexectime: members.integer("maxexectime"),
    maxretries: members.integer("maxretries"),
    conditions: decodeConditions(members.part("conditions")),
    label: members.text("label"),
    fs: decodeFileSystem(members.part("fs")),
    env: members.textObject("env"),
    ...(channels.size > 0 && { channels: [...channels] }),
  };
}

function decodeConditions(members: RequestMembers): FunctionSpec["conditions"] {
  const locationname = members.optionalText("locationname");
  return {
    colonyname: members.text("colonyname"),
    executornames: members.texts("executornames"),
    executortype: members.text("executortype"),
    ...(locationname !== undefined && { locationname }),
    dependencies: members.texts("dependencies"),
    nodes: members.integer("nodes"),
    cpu: members.text("cpu") || "0m",
    processes: members.integer("processes"),
    processespernode: members.integer("processespernode"),
    mem: members.text("mem") || "0Mi",
    storage: members.text("storage") || "0Mi",
    gpu: decodeGpu(members.part("gpu")),
    walltime: members.integer("walltime"),
  };
}

function decodeGpu(members: RequestMembers): object {
  return {
    name: members.text("name"),
    mem: members.text("mem") || "0Mi",
    count: members.integer("count"),
    nodecount: members.integer("nodecount"),
  };
}

function decodeFileSystem(members: RequestMembers): object {
  return {
    mount: members.text("mount"),
    snapshots: members.optionalValues("snapshots") ?? null,
    dirs: members.optionalValues("dirs") ?? null,
  };
}
