import { installInto } from "./lib/commonroom-pyodide/index.js";
import { loadPyodide } from "./lib/pyodide/pyodide.mjs";

try {
  const pyodide = await loadPyodide({ indexURL: new URL("lib/pyodide/", document.baseURI).href });
  installInto(pyodide);
  const program = await (await fetch("room_chat.py")).text();
  await pyodide.runPythonAsync(program, { filename: "room_chat.py" });
  document.querySelector("main").inert = false;
} catch (error) {
  document.getElementById("state").textContent = "Python did not start";
  throw error;
}
