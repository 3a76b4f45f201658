/**
 * Where a member shows what it hears.
 *
 * @typedef {object} Screen
 * @property {(text: string) => void} hear a message of somebody else
 * @property {(state: "live" | "offline", words: string) => void} setState
 */

/** Makes a member say something; undefined for one that can only listen. */
/** @typedef {((text: string) => unknown) | undefined} Say */

/**
 * Opens a panel, and lets its member in.
 *
 * @param {{ id: string, name: string, call: string, terminal?: boolean, listens?: boolean }} about
 * @param {(screen: Screen) => Say | Promise<Say>} join
 */
export async function openPanel({ id, name, call, terminal = false, listens = false }, join) {
  const fragment = document.getElementById("panel").content.cloneNode(true);
  const panel = fragment.querySelector("section");
  panel.id = id;
  panel.classList.toggle("terminal", terminal);
  panel.querySelector("h2").textContent = name;
  panel.querySelector(".call").textContent = call;
  const [form, input, log, state] = ["form", "input", ".log", ".state"].map((selector) =>
    panel.querySelector(selector),
  );
  form.inert = true;
  if (listens) form.replaceWith(note("Its protocol only listens."));
  document.getElementById("panels").append(panel);

  const show = (text, isMine) => {
    const line = document.createElement("p");
    line.className = isMine ? "line mine" : "line";
    line.textContent = text;
    log.append(line);
    log.scrollTop = log.scrollHeight;
  };
  const say = await join({
    hear: (text) => show(text, false),
    setState(kind, words) {
      panel.dataset.state = kind;
      state.textContent = words;
    },
  });
  form.inert = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === "") return;
    input.value = "";
    await say(text);
    show(text, true);
  });
}

function note(text) {
  const element = document.createElement("p");
  element.className = "note";
  element.textContent = text;
  return element;
}
