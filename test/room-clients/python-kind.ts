import { PythonClient } from "./python-client.ts";
import { PythonProcess } from "./python-process.ts";
import type { RoomClientKind } from "./room-client.ts";

/** The Python package outside a page: each client is a process of its own. */
export const pythonKind: RoomClientKind = {
  name: "Python",
  open(serverWsUrl, options) {
    const python = new PythonProcess("test/room-clients/python-driver.py");
    const client = new PythonClient(
      (request) => python.ask(request),
      "only",
      () => python.stop(),
    );
    return client.open(serverWsUrl, options);
  },
};
