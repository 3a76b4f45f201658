const MAX_MESSAGES = 200;
/** How near its end, in pixels, a log counts as read to the end. */
const END_SLACK_PX = 40;

/** The last messages of a room, and what happened to this page in between. */
export class MessageLog {
  #element;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    // It scrolls, so a keyboard must reach it.
    element.tabIndex = 0;
  }

  /** @param {string} hint shown until there is something to see */
  clear(hint) {
    this.#element.replaceChildren(paragraph("hint", hint));
  }

  /** @param {import("./connection.js").Message} message */
  add(message) {
    // Who sends wants to see it.
    this.#append(draw(message), message.mine);
  }

  /** @param {string} text */
  note(text) {
    this.#append(paragraph("note", text), false);
  }

  #append(line, isWanted) {
    const log = this.#element;
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < END_SLACK_PX;
    log.querySelector(".hint")?.remove();
    log.append(line);
    while (log.childElementCount > MAX_MESSAGES) log.firstElementChild?.remove();
    if (isAtEnd || isWanted) log.scrollTop = log.scrollHeight;
  }
}

/** Text from the network becomes text nodes only. */
function draw({ name, text, at, mine }) {
  const sent = new Date(at);
  const time = document.createElement("time");
  time.dateTime = sent.toISOString();
  time.textContent = sent.toLocaleTimeString([], { timeStyle: "short" });
  const author = document.createElement("strong");
  author.textContent = name;
  const about = document.createElement("p");
  about.className = "about";
  about.append(author, " ", time);

  const message = document.createElement("article");
  message.className = mine ? "message mine" : "message";
  message.append(about, paragraph("body", text));
  return message;
}

function paragraph(className, text) {
  const made = document.createElement("p");
  made.className = className;
  made.textContent = text;
  return made;
}
