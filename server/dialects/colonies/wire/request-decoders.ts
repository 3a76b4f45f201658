import type { Colony, ColonyUser, NewExecutor, RequestOf, RequestType } from "./request.ts";
import type { RequestMembers } from "./request-members.ts";
import { decodeSpec } from "./spec.ts";

type Decoders = {
  readonly [Type in RequestType]: (members: RequestMembers, msgtype: Type) => RequestOf<Type>;
};

const decoders: Decoders = {
  addcolonymsg: (members, msgtype) => ({
    msgtype,
    colony: decodeColony(members.neededPart("colony")),
  }),
  removecolonymsg: ofColony,
  getcoloniesmsg: (_members, msgtype) => ({ msgtype }),
  getstatisticsmsg: (_members, msgtype) => ({ msgtype }),
  addexecutormsg: (members, msgtype) => ({
    msgtype,
    executor: decodeExecutor(members.neededPart("executor")),
  }),
  approveexecutormsg: ofExecutor,
  rejectexecutormsg: ofExecutor,
  removeexecutormsg: ofExecutor,
  getexecutorsmsg: ofColony,
  getexecutormsg: ofExecutor,
  addusermsg: (members, msgtype) => ({ msgtype, user: decodeUser(members.neededPart("user")) }),
  getusersmsg: ofColony,
  removeusermsg: (members, msgtype) => ({
    ...ofColony(members, msgtype),
    name: members.text("name"),
  }),
  submitfuncspecmsg: (members, msgtype) => ({
    msgtype,
    spec: decodeSpec(members.neededPart("spec")),
  }),
  getprocessmsg: ofProcess,
  getprocessesmsg: (members, msgtype) => ({
    ...ofColony(members, msgtype),
    count: members.integer("count"),
    state: members.integer("state"),
  }),
  removeprocessmsg: ofProcess,
  removeallprocessesmsg: (members, msgtype) => ({
    ...ofColony(members, msgtype),
    state: members.integer("state"),
  }),
  assignprocessmsg: (members, msgtype) => ({
    ...ofColony(members, msgtype),
    timeout: members.integer("timeout"),
  }),
  closesuccessfulmsg: (members, msgtype) => ({
    ...ofProcess(members, msgtype),
    out: members.values("out"),
  }),
  closefailedmsg: (members, msgtype) => ({
    ...ofProcess(members, msgtype),
    errors: members.texts("errors"),
  }),
  channelappendmsg: (members, msgtype) => ({
    ...ofChannel(members, msgtype),
    sequence: members.integer("sequence"),
    inreplyto: members.integer("inreplyto"),
    payload: members.optionalBytes("payload"),
    type: members.text("payloadtype") || "data",
  }),
  channelreadmsg: (members, msgtype) => ({
    ...ofChannel(members, msgtype),
    afterseq: members.integer("afterseq"),
    limit: members.integer("limit"),
  }),
  subscribeprocessmsg: (members, msgtype) => ({
    ...ofProcess(members, msgtype),
    state: members.integer("state"),
    timeout: members.integer("timeout"),
  }),
  subscribechannelmsg: (members, msgtype) => ({
    ...ofChannel(members, msgtype),
    afterseq: members.integer("afterseq"),
    timeout: members.integer("timeout"),
  }),
  getcronsmsg: ofColony,
  getgeneratorsmsg: ofColony,
  getfilelabelsmsg: ofColony,
  removeallprocessgraphsmsg: ofColony,
};

/**
 * Reads the members of a request.
 *
 * @throws UnreadableMember where one is not of its type
 */
export function decodeMembers<Type extends RequestType>(
  type: Type,
  members: RequestMembers,
): RequestOf<Type> {
  return decoders[type](members, type);
}

function ofColony<Type extends string>(members: RequestMembers, msgtype: Type) {
  return { msgtype, colonyname: members.text("colonyname") };
}

function ofExecutor<Type extends string>(members: RequestMembers, msgtype: Type) {
  return { ...ofColony(members, msgtype), executorname: members.text("executorname") };
}

function ofProcess<Type extends string>(members: RequestMembers, msgtype: Type) {
  return { msgtype, processid: members.text("processid") };
}

function ofChannel<Type extends string>(members: RequestMembers, msgtype: Type) {
  return { ...ofProcess(members, msgtype), name: members.text("name") };
}

function decodeColony(members: RequestMembers): Colony {
  return { colonyid: members.text("colonyid"), name: members.text("name") };
}

function decodeExecutor(members: RequestMembers): NewExecutor {
  return {
    executorid: members.text("executorid"),
    executortype: members.text("executortype"),
    executorname: members.text("executorname"),
    colonyname: members.text("colonyname"),
    locationname: members.optionalText("locationname"),
    capabilities: members.optionalObject("capabilities"),
  };
}

function decodeUser(members: RequestMembers): ColonyUser {
  return {
    colonyname: members.text("colonyname"),
    userid: members.text("userid"),
    name: members.text("name"),
    email: members.text("email"),
    phone: members.text("phone"),
  };
}
