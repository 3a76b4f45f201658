export type { ColoniesClientConfig } from "./caller.ts";
export { ColoniesClient } from "./colonies-client.ts";
export type { MsgEntry } from "./entry.ts";
export { deriveId, generatePrivateKey, sign } from "./identity.ts";
export { type FunctionSpec, type Process, ProcessState } from "./process.ts";
export type { Colony, Executor, User } from "./provisioning.ts";
