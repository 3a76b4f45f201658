const MAX_SHOWN = 40;

/**
 * Draws who is present: a chip a key, with the clients that it is here with; oneself first.
 *
 * @param {HTMLElement} list
 * @param {import("./member.js").Presence[]} present
 * @param {(meta: Record<string, unknown>) => boolean} isMe
 */
export function showPresent(list, present, isMe) {
  const isMine = ({ metas }) => metas.some(isMe);
  const sorted = [...present.filter(isMine), ...present.filter((other) => !isMine(other))];
  const chips = sorted.slice(0, MAX_SHOWN).map(({ key, metas }) => chip(key, metas, isMe));
  const rest = present.length - chips.length;
  if (rest > 0) chips.push(item(`and ${rest} more`));
  if (present.length === 0) chips.push(item("–"));
  list.replaceChildren(...chips);
}

/**
 * @param {string} key
 * @param {ReadonlyArray<Record<string, unknown>>} metas
 * @param {(meta: Record<string, unknown>) => boolean} isMe
 */
function chip(key, metas, isMe) {
  const chip = item("");
  const name = document.createElement("strong");
  name.textContent = key;
  const clients = new Set(
    metas
      .map((meta) => meta.client)
      .filter(Boolean)
      .map(String),
  );
  const about = document.createElement("span");
  about.textContent = [...clients].join(" + ") || (metas.length > 1 ? `×${metas.length}` : "");
  chip.append(name, about);
  if (metas.some(isMe)) {
    chip.className = "me";
    chip.append("me");
  }
  return chip;
}

/** @param {string} text */
function item(text) {
  const element = document.createElement("li");
  element.textContent = text;
  return element;
}
