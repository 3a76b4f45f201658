/** Shows what a program prints that runs beside this page, and makes it speak. */
export function followTerminal(name, { hear, setState }) {
  const lines = new EventSource(`terminals/${name}`);
  lines.onopen = () => setState("live", "running");
  lines.onerror = () => setState("offline", "offline");
  lines.onmessage = ({ data }) => hear(JSON.parse(data));
  return (text) =>
    fetch(`terminals/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
    });
}
