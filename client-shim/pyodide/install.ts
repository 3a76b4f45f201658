import { source } from "./source.ts";

/** The part of Pyodide that is needed; what `loadPyodide()` resolves with has it. */
export interface PyodideLike {
  runPython(code: string): unknown;
}

/** Writes the module where Python looks for it, and imports it; the import registers the rest. */
const INSTALLER = `
import importlib, pathlib, sys, sysconfig
if "commonroom" not in sys.modules:
    folder = pathlib.Path(sysconfig.get_path("purelib"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "commonroom.py").write_text(source, encoding="utf-8")
    importlib.invalidate_caches()
importlib.import_module("commonroom").register_metafor_channels()
`;

/**
 * Gives the Python of a Pyodide the room client: `from commonroom import Channel`, and the same
 * class where Metafor's users import it, `from metafor.channels import Channel`. A package
 * `metafor` that is there keeps all but its submodule `channels`. Harmless when repeated.
 *
 * It needs a global `WebSocket`, as pages, workers and Node from 22 have.
 *
 * @example
 * const pyodide = await loadPyodide();
 * installInto(pyodide);
 * await pyodide.runPythonAsync(`
 *   from metafor.channels import Channel
 *   channel = Channel("ws://localhost:2347/ws", auto_reconnect=True)
 *   await channel.connect()
 * `);
 */
export function installInto(pyodide: PyodideLike): void {
  // JSON texts are Python's string literals too. Names of its own leave the page's globals alone.
  const names = `{"source": ${JSON.stringify(source)}}`;
  pyodide.runPython(`exec(${JSON.stringify(INSTALLER)}, ${names})`);
}
