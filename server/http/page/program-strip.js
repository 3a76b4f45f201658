const command = document.getElementById("command");
const copy = document.getElementById("copy");
const hint = document.getElementById("command-hint");

// Browsers offer the clipboard to pages from HTTPS or localhost only.
if (navigator.clipboard && copy !== null) {
  copy.hidden = false;
  copy.addEventListener("click", () => void copyCommand());
}

let room = "";
/** @type {string | undefined} */
let redis;

/**
 * Shows a command that sends into a room, and what it needs.
 *
 * @param {string} newRoom
 */
export function showCommand(newRoom) {
  room = newRoom;
  draw();
}

/** Asks whether this server has a Redis to listen to. */
export async function askForRedis() {
  redis = await askRedisStatus();
  draw();
}

function draw() {
  if (command === null || hint === null) return;
  if (redis === undefined || redis === "off") {
    const body = quote(JSON.stringify({ room, payload: { text: "hello" } }));
    const type = "'content-type: application/json'";
    command.textContent = `curl -d ${body} -H ${type} ${location.origin}/publish`;
    hint.replaceChildren("Where the server has a secret, it needs a token. With ");
    hint.append(
      code("--redis redis://127.0.0.1:6379"),
      " programs say ",
      code("PUBLISH"),
      ", too.",
    );
    return;
  }
  command.textContent = `redis-cli publish ${quote(`to:${room}:message`)} '{"text":"hello"}'`;
  if (redis === "up") {
    hint.replaceChildren("Redis is connected: try it. What members send is published on ");
    hint.append(code("from:<room>:<event>"), ".");
  } else {
    hint.textContent = "This server cannot reach its Redis at the moment.";
  }
}

async function askRedisStatus() {
  try {
    const response = await fetch("health");
    return (await response.json()).redis;
  } catch {
    // The standing hint is right without the server's word.
    return undefined;
  }
}

async function copyCommand() {
  if (copy === null) return;
  try {
    await navigator.clipboard.writeText(command?.textContent ?? "");
    copy.textContent = "Copied";
  } catch {
    copy.textContent = "Not allowed";
  }
  setTimeout(() => {
    copy.textContent = "Copy";
  }, 2000);
}

/** @param {string} text */
function code(text) {
  const element = document.createElement("code");
  element.textContent = text;
  return element;
}

/**
 * Quotes a word for a shell. The room's name may come with a link from a stranger, and this line
 * is there to be pasted into a terminal.
 *
 * @param {string} word
 */
function quote(word) {
  if (/^[\w:.@/-]+$/.test(word)) return `"${word}"`;
  const printable = word.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  return `'${printable.replaceAll("'", "'\\''")}'`;
}
