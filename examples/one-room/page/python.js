import { installInto } from "./lib/commonroom-pyodide/index.js";
import { loadPyodide } from "./lib/pyodide/pyodide.mjs";

/** A member in Python, which runs in this page. */
export async function joinByPython({ webSocketUrl, room }, { hear, setState }) {
  const pyodide = await loadPyodide({ indexURL: new URL("lib/pyodide/", document.baseURI).href });
  installInto(pyodide);
  const program = await (await fetch("member.py")).text();
  await pyodide.runPythonAsync(program, { filename: "member.py" });
  const say = await pyodide.globals.get("join")(`${webSocketUrl}/ws`, room, hear);
  setState("live", "joined");
  return say;
}
