import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Request, RequestType } from "../../../../server/dialects/colonies/wire/request.ts";
import {
  isRequestType,
  phraseOf,
} from "../../../../server/dialects/colonies/wire/request-phrase.ts";
import { decodeInner } from "./codec-bodies.ts";

const text = fc.string({ unit: "binary" });
const integer = fc.maxSafeInteger().map((each) => each + 0);
const texts = fc.array(text);
const values = fc.array(fc.jsonValue({ maxDepth: 3 }).map(toJson));
const members = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })).map(toJson);
const ofColony = { colonyname: text };
const ofExecutor = { colonyname: text, executorname: text };
const ofProcess = { processid: text };
const ofChannel = { processid: text, name: text };

/** A value as it is read: an own member `__proto__`, no negative zero. */
function toJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

const spec = fc.record({
  nodename: text,
  funcname: text,
  args: values,
  kwargs: members,
  priority: integer,
  maxwaittime: integer,
  maxexectime: integer,
  maxretries: integer,
  conditions: fc.record({
    colonyname: text,
    executornames: texts,
    executortype: text,
    locationname: fc.string({ minLength: 1 }),
    dependencies: texts,
    nodes: integer,
    cpu: fc.string({ minLength: 1 }),
    processes: integer,
    processespernode: integer,
    mem: fc.string({ minLength: 1 }),
    storage: fc.string({ minLength: 1 }),
    gpu: fc.record({
      name: text,
      mem: fc.string({ minLength: 1 }),
      count: integer,
      nodecount: integer,
    }),
    walltime: integer,
  }),
  label: text,
  fs: fc.record({ mount: text, snapshots: fc.option(values), dirs: fc.option(values) }),
  env: fc.dictionary(text, text).map(toJson),
  channels: fc.uniqueArray(text, { minLength: 1 }),
});

/** The members of each type of request. */
const requests: { readonly [Type in RequestType]: Record<string, fc.Arbitrary<unknown>> } = {
  addcolonymsg: { colony: fc.record({ colonyid: text, name: text }) },
  removecolonymsg: ofColony,
  getcoloniesmsg: {},
  getstatisticsmsg: {},
  addexecutormsg: {
    executor: fc.record(
      {
        executorid: text,
        executortype: text,
        executorname: text,
        colonyname: text,
        locationname: fc.string({ minLength: 1 }),
        capabilities: members,
      },
      { requiredKeys: ["executorid", "executortype", "executorname", "colonyname"] },
    ),
  },
  approveexecutormsg: ofExecutor,
  rejectexecutormsg: ofExecutor,
  removeexecutormsg: ofExecutor,
  getexecutorsmsg: ofColony,
  getexecutormsg: ofExecutor,
  addusermsg: {
    user: fc.record({ colonyname: text, userid: text, name: text, email: text, phone: text }),
  },
  getusersmsg: ofColony,
  removeusermsg: { ...ofColony, name: text },
  submitfuncspecmsg: { spec },
  getprocessmsg: ofProcess,
  getprocessesmsg: { ...ofColony, count: integer, state: integer },
  removeprocessmsg: ofProcess,
  removeallprocessesmsg: { ...ofColony, state: integer },
  assignprocessmsg: { ...ofColony, timeout: integer },
  closesuccessfulmsg: { ...ofProcess, out: values },
  closefailedmsg: { ...ofProcess, errors: texts },
  channelappendmsg: {
    ...ofChannel,
    sequence: integer,
    inreplyto: integer,
    payload: fc.option(fc.uint8Array(), { nil: undefined }),
    type: fc.string({ minLength: 1 }),
  },
  channelreadmsg: { ...ofChannel, afterseq: integer, limit: integer },
  subscribeprocessmsg: { ...ofProcess, state: integer, timeout: integer },
  subscribechannelmsg: { ...ofChannel, afterseq: integer, timeout: integer },
  getcronsmsg: ofColony,
  getgeneratorsmsg: ofColony,
  getfilelabelsmsg: ofColony,
  removeallprocessgraphsmsg: ofColony,
};
const types = Object.keys(requests).filter(isRequestType);

/** A request as clients write it, its payload as an array of bytes or as base64. */
function toWire(request: Record<string, unknown>, isBase64: boolean): unknown {
  const { type, payload, ...others } = request;
  if (!(payload instanceof Uint8Array)) return { ...others, payloadtype: type };
  const wirePayload = isBase64 ? Buffer.from(payload).toString("base64") : [...payload];
  return { ...others, payloadtype: type, payload: wirePayload };
}

describe("a request", () => {
  it.each(types)("comes out of its envelope as it went in: %s", (msgtype) => {
    const arbitrary = fc.record({ msgtype: fc.constant(msgtype), ...requests[msgtype] });
    fc.assert(
      fc.property(arbitrary, fc.boolean(), (request, isBase64) => {
        const decoded = decodeInner(msgtype, toWire(request, isBase64));
        const value = decoded.ok ? plain(decoded.value) : decoded;
        expect(value).toEqual(plain(request as unknown as Request));
      }),
      { numRuns: 50 },
    );
  });

  it.each(types)("of another form than its type is told so: %s", (msgtype) => {
    const failure = { status: 400, message: `${phraseOf(msgtype)}, invalid JSON` };
    for (const member of Object.keys(requests[msgtype])) {
      const name = member === "type" ? "payloadtype" : member;
      const inner = { msgtype, [name]: [["never"]] };
      const isFreeList = member === "out";
      if (!isFreeList) expect(decodeInner(msgtype, inner)).toEqual({ ok: false, failure });
      const other = { msgtype, [name]: true };
      expect(decodeInner(msgtype, other)).toEqual({ ok: false, failure });
    }
    expect(decodeInner(msgtype, { msgtype: [msgtype] })).toEqual({ ok: false, failure });
  });
});

/** With its bytes as an array, so that a Buffer equals other bytes. */
function plain(request: Request): unknown {
  const { payload, ...others } = request as Request & { payload?: Uint8Array };
  return { ...others, payload: payload && [...payload] };
}
