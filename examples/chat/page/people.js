const MAX_SHOWN = 60;

/**
 * @typedef {object} Shown
 * @property {string} name
 * @property {boolean} isTyping
 * @property {boolean} isMe
 */

/**
 * Draws who is here, and who is typing.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} typing
 * @param {import("./connection.js").Person[]} people
 * @param {string | undefined} you this page's own key
 */
export function showPeople(list, typing, people, you) {
  const shown = people.map((person) => toShown(person, you)).sort(byName);
  const items = shown.slice(0, MAX_SHOWN).map(item);
  if (shown.length > MAX_SHOWN) items.push(element("li", `and ${shown.length - MAX_SHOWN} more`));
  if (shown.length === 0) items.push(element("li", "–"));
  list.replaceChildren(...items);
  typing.textContent = typingText(shown.filter(({ isTyping, isMe }) => isTyping && !isMe));
}

/** One key is one person, whose pages may have different names. */
function toShown({ key, metas }, you) {
  const names = new Set(metas.map(({ name }) => String(name)));
  const isTyping = metas.some((meta) => meta.isTyping === true);
  return { name: [...names].join(", "), isTyping, isMe: key === you };
}

function byName(a, b) {
  if (a.isMe !== b.isMe) return a.isMe ? -1 : 1;
  return a.name.localeCompare(b.name);
}

/** @param {Shown} person */
function item({ name, isTyping, isMe }) {
  const person = element("li", "");
  const initial = element("span", [...name][0]?.toUpperCase() ?? "");
  initial.className = "initial";
  initial.setAttribute("aria-hidden", "true");
  person.append(initial, element("strong", name));
  if (isMe) person.append(element("small", "you"));
  person.classList.toggle("me", isMe);
  person.classList.toggle("is-typing", isTyping);
  return person;
}

/** @param {Shown[]} typing */
function typingText(typing) {
  const [first, second, ...others] = typing.map(({ name }) => name);
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing…`;
  if (others.length === 0) return `${first} and ${second} are typing…`;
  return "Several people are typing…";
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
