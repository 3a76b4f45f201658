import type { Outcome } from "./outcome.ts";

/** A colony as clients see it. */
export interface Colony {
  readonly colonyid: string;
  readonly name: string;
}

/** What a client says of an executor that it adds. */
export interface NewExecutor {
  readonly executorid: string;
  readonly executortype: string;
  readonly executorname: string;
  readonly colonyname: string;
  /** Passed through as they came. */
  readonly locationname?: string | undefined;
  readonly capabilities?: object | undefined;
}

/** A user as clients see it. */
export interface ColonyUser {
  readonly colonyname: string;
  readonly userid: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
}

/** What the client of a process wrote; what it left out has its zero value. */
export type GivenSpec = import("../processes/process.ts").FunctionSpec;

interface ColonyRequest<Type extends string> {
  readonly msgtype: Type;
  readonly colonyname: string;
}

interface ProcessRequest<Type extends string> {
  readonly msgtype: Type;
  readonly processid: string;
}

interface ChannelRequest<Type extends string> extends ProcessRequest<Type> {
  readonly name: string;
}

/** What a client asks, decoded: every type that this server knows. */
export type Request =
  | { readonly msgtype: "addcolonymsg"; readonly colony: Colony }
  | ColonyRequest<"removecolonymsg">
  | { readonly msgtype: "getcoloniesmsg" }
  | { readonly msgtype: "getstatisticsmsg" }
  | { readonly msgtype: "addexecutormsg"; readonly executor: NewExecutor }
  | (ColonyRequest<"approveexecutormsg"> & { readonly executorname: string })
  | (ColonyRequest<"rejectexecutormsg"> & { readonly executorname: string })
  | (ColonyRequest<"removeexecutormsg"> & { readonly executorname: string })
  | ColonyRequest<"getexecutorsmsg">
  | (ColonyRequest<"getexecutormsg"> & { readonly executorname: string })
  | { readonly msgtype: "addusermsg"; readonly user: ColonyUser }
  | ColonyRequest<"getusersmsg">
  | (ColonyRequest<"removeusermsg"> & { readonly name: string })
  | { readonly msgtype: "submitfuncspecmsg"; readonly spec: GivenSpec }
  | ProcessRequest<"getprocessmsg">
  | (ColonyRequest<"getprocessesmsg"> & { readonly count: number; readonly state: number })
  | ProcessRequest<"removeprocessmsg">
  | (ColonyRequest<"removeallprocessesmsg"> & { readonly state: number })
  /** `timeout` in seconds. */
  | (ColonyRequest<"assignprocessmsg"> & { readonly timeout: number })
  | (ProcessRequest<"closesuccessfulmsg"> & { readonly out: readonly unknown[] })
  | (ProcessRequest<"closefailedmsg"> & { readonly errors: readonly string[] })
  | (ChannelRequest<"channelappendmsg"> & {
      readonly sequence: number;
      readonly inreplyto: number;
      /** Undefined where the client gave none. */
      readonly payload: Uint8Array | undefined;
      /** `data`, `end`, `error` or any other text. */
      readonly type: string;
    })
  | (ChannelRequest<"channelreadmsg"> & { readonly afterseq: number; readonly limit: number })
  /** `timeout` in seconds. */
  | (ProcessRequest<"subscribeprocessmsg"> & { readonly state: number; readonly timeout: number })
  | (ChannelRequest<"subscribechannelmsg"> & {
      readonly afterseq: number;
      readonly timeout: number;
    })
  /** Answered with nothing: what they list does not exist here. */
  | ColonyRequest<"getcronsmsg">
  | ColonyRequest<"getgeneratorsmsg">
  | ColonyRequest<"getfilelabelsmsg">
  | ColonyRequest<"removeallprocessgraphsmsg">;

/** A type of request. */
export type RequestType = Request["msgtype"];

/** The request of a type. */
export type RequestOf<Type extends RequestType> = Extract<Request, { msgtype: Type }>;

/** What stands around a request. */
export interface Call {
  /** Identity of whoever signed it. */
  readonly signer: string;
  /** Aborted when the client is gone, or the server stops. */
  readonly signal: AbortSignal;
}

/** Answers requests of a type; the value becomes the inner reply, as JSON. */
export type Handler<Type extends RequestType> = (
  request: RequestOf<Type>,
  call: Call,
) => Promise<Outcome<unknown>>;

/** Handlers by the type of their requests. */
export type Handlers<Type extends RequestType> = {
  readonly [Each in Type]: Handler<Each>;
};
