import { readFile } from "node:fs/promises";
import { loadPyodide, type PyodideInterface } from "pyodide";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { installInto } from "../../client-shim/pyodide/index.ts";
import { startServer } from "../support/server.ts";

const NAMES = `
from metafor.channels import (
    Channel, ChannelConnectionError, ChannelError, ChannelMessageError, ChannelState,
)
import commonroom, enum, json
`;

/** A package `metafor` with a core and channels of its own, as a page may have installed it. */
const METAFOR = `
import pathlib, sysconfig
folder = pathlib.Path(sysconfig.get_path("purelib")) / "metafor"
(folder / "channels").mkdir(parents=True)
(folder / "__init__.py").write_text("from .channels import Channel")
(folder / "channels" / "__init__.py").write_text("class Channel: pass")
(folder / "core.py").write_text("""
def create_signal(value):
    values = [value]
    def getter():
        return ("signal", values[0].value if hasattr(values[0], "value") else values[0])
    def setter(value):
        values[0] = value
    return getter, setter
""")
`;

async function run(pyodide: PyodideInterface, code: string): Promise<unknown> {
  return JSON.parse(String(await pyodide.runPythonAsync(code))) as unknown;
}

describe("installInto", () => {
  it("makes the imports of the document work, with real classes, and is harmless repeated", async () => {
    const pyodide = await loadPyodide();
    const before = pyodide.runPython("len(globals())") as number;
    installInto(pyodide);
    expect(pyodide.runPython("len(globals())")).toBe(before);
    pyodide.runPython(NAMES);
    installInto(pyodide);
    const found = await run(
      pyodide,
      `
import metafor.channels
from metafor import channels
from metafor.channels import Channel as Again
json.dumps([
    Again is Channel is commonroom.Channel is metafor.channels.Channel is channels.Channel,
    issubclass(ChannelState, enum.Enum) and ChannelState("open") is ChannelState.OPEN,
    issubclass(ChannelMessageError, ChannelError) and issubclass(ChannelError, Exception),
    [state.value for state in ChannelState],
])`,
    );
    expect(found).toEqual([true, true, true, ["connecting", "open", "closing", "closed"]]);
  });

  it.each([
    ["before", ""],
    ["after", "import metafor"],
  ])("replaces only the channels of a real metafor, %s it is imported", async (_when, first) => {
    const pyodide = await loadPyodide();
    pyodide.runPython(`${METAFOR}\n${first}`);
    installInto(pyodide);
    const found = await run(
      pyodide,
      `${NAMES}
import metafor.core
channel = Channel("ws://localhost/ws")
json.dumps([
    metafor.channels.Channel is commonroom.Channel,
    hasattr(metafor, "__file__"),
    channel.state_signal(),
    channel.ready_state_signal(),
])`,
    );
    expect(found).toEqual([true, true, ["signal", "closed"], ["signal", 3]]);
  });

  it("works in Node too, with a WebSocket, and says so without one", async () => {
    const { wsUrl } = await startServer();
    const pyodide = await loadPyodide();
    installInto(pyodide);
    const visit = `
async def visit():
    channel = Channel("${wsUrl}/ws")
    try:
        await channel.connect()
    except ChannelConnectionError as error:
        return str(error)
    response = await channel.join("lobby")
    await channel.close()
    return list(response)
json.dumps(await visit())`;
    pyodide.runPython(NAMES);
    // Node 20 has none; a later file in this process looks whether there is one.
    const given = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
    onTestFinished(() => {
      Reflect.deleteProperty(globalThis, "WebSocket");
      if (given !== undefined) Object.defineProperty(globalThis, "WebSocket", given);
    });
    Reflect.deleteProperty(globalThis, "WebSocket");
    expect(await run(pyodide, visit)).toBe("There is no WebSocket here");
    Reflect.set(globalThis, "WebSocket", WebSocket);
    expect(await run(pyodide, visit)).toEqual(["id"]);
  });
});

describe("commonroom.py", () => {
  it("does the same by import, as a PyScript page does it", async () => {
    const pyodide = await loadPyodide();
    pyodide.FS.writeFile("commonroom.py", await readFile("dist/client-shim/commonroom.py"));
    const found = await run(pyodide, `import commonroom\n${NAMES}\njson.dumps(Channel.__module__)`);
    expect(found).toBe("commonroom");
  });
});
