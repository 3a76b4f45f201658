const command = document.getElementById("command");
const copy = document.getElementById("copy");
const hint = document.getElementById("redis-hint");

// Browsers offer the clipboard to pages from HTTPS or localhost only.
if (navigator.clipboard && copy !== null) {
  copy.hidden = false;
  copy.addEventListener("click", () => void copyCommand());
}

/**
 * Shows the command that publishes into a room.
 *
 * @param {string} room
 */
export function showRedisCommand(room) {
  if (command === null) return;
  command.textContent = `redis-cli publish ${quote(`to:${room}:message`)} '{"text":"hello"}'`;
}

/** Says whether this server has a Redis to listen to. */
export async function showRedisHint() {
  const redis = await askRedisStatus();
  if (hint === null || redis === undefined) return;
  if (redis === "off") {
    hint.replaceChildren("This server runs without Redis. Start it with ");
    hint.append(code("--redis redis://127.0.0.1:6379"), " and try this.");
  } else if (redis === "up") {
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
