import { Caller } from "./caller.ts";

/** A colony, whose identity is its owner's. */
export interface Colony {
  readonly colonyid: string;
  readonly name: string;
}

/** An executor of a colony. */
export interface Executor {
  readonly executorid: string;
  readonly executortype: string;
  readonly executorname: string;
  readonly colonyname: string;
}

/** A user of a colony. */
export interface User {
  readonly colonyname: string;
  readonly userid: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
}

/** Calls that say who belongs to which colony. Each resolves with what the server answers. */
export class Provisioning extends Caller {
  /** For the server's owner. */
  addColony(colony: Colony): Promise<unknown> {
    return this.call({ msgtype: "addcolonymsg", colony });
  }

  /** For the server's owner. */
  removeColony(colonyname: string): Promise<unknown> {
    return this.call({ msgtype: "removecolonymsg", colonyname });
  }

  /** For the server's owner. */
  getColonies(): Promise<unknown> {
    return this.call({ msgtype: "getcoloniesmsg" });
  }

  /** For the server's owner. */
  getStatistics(): Promise<unknown> {
    return this.call({ msgtype: "getstatisticsmsg" });
  }

  /** For the colony's owner. An executor can do nothing until it is approved. */
  addExecutor(executor: Executor): Promise<unknown> {
    return this.call({ msgtype: "addexecutormsg", executor });
  }

  /** For the colony's owner. */
  approveExecutor(colonyname: string, executorname: string): Promise<unknown> {
    return this.call({ msgtype: "approveexecutormsg", colonyname, executorname });
  }

  /** For the colony's owner. */
  removeExecutor(colonyname: string, executorname: string): Promise<unknown> {
    return this.call({ msgtype: "removeexecutormsg", colonyname, executorname });
  }

  /** For members. */
  getExecutors(colonyname: string): Promise<unknown> {
    return this.call({ msgtype: "getexecutorsmsg", colonyname });
  }

  /** For members. */
  getExecutor(colonyname: string, executorname: string): Promise<unknown> {
    return this.call({ msgtype: "getexecutormsg", colonyname, executorname });
  }

  /** For the colony's owner. */
  addUser(user: User): Promise<unknown> {
    return this.call({ msgtype: "addusermsg", user });
  }

  /** For the colony's owner. */
  removeUser(colonyname: string, name: string): Promise<unknown> {
    return this.call({ msgtype: "removeusermsg", colonyname, name });
  }

  /** For members. */
  getUsers(colonyname: string): Promise<unknown> {
    return this.call({ msgtype: "getusersmsg", colonyname });
  }

  /** For members, like the two below: what they list may not exist on a server. */
  getCrons(colonyname: string, count = 100): Promise<unknown> {
    return this.call({ msgtype: "getcronsmsg", colonyname, count });
  }

  /** See {@link getCrons}. */
  getGenerators(colonyname: string, count = 100): Promise<unknown> {
    return this.call({ msgtype: "getgeneratorsmsg", colonyname, count });
  }

  /** See {@link getCrons}. */
  getFileLabels(colonyname: string, name = "", exact = false): Promise<unknown> {
    return this.call({ msgtype: "getfilelabelsmsg", colonyname, name, exact });
  }

  /** For the colony's owner. */
  removeAllProcessGraphs(colonyname: string): Promise<unknown> {
    return this.call({ msgtype: "removeallprocessgraphsmsg", colonyname });
  }
}
