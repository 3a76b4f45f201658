import { showPayload } from "./payload.js";

const MAX_MESSAGES = 200;
/** How near its end, in pixels, a log counts as read to the end. */
const END_SLACK_PX = 24;

const SENT = "sent by me";
const WAITING = "waiting to be sent";
const NOT_SENT = "not sent";

/** The last messages of one panel, drawn once a frame however many arrive. */
export class MessageLog {
  #element;
  /** @type {HTMLElement[]} */
  #waiting = [];

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    this.clear();
  }

  clear() {
    this.#waiting = [];
    const hint = document.createElement("p");
    hint.className = "empty";
    hint.textContent = "Nothing yet. Send something from any side.";
    this.#element.replaceChildren(hint);
  }

  /**
   * @param {string} event
   * @param {unknown} payload
   * @param {boolean} isMine
   */
  add(event, payload, isMine) {
    this.#draw(draw(event, payload, isMine ? SENT : undefined));
  }

  /**
   * Adds a message of one's own that waits for the connection.
   *
   * @param {string} event
   * @param {unknown} payload
   * @returns {(isSent: boolean) => void} takes how it ended
   */
  addWaiting(event, payload) {
    const message = draw(event, payload, WAITING);
    message.classList.add("unsent");
    this.#draw(message);
    return (isSent) => {
      if (isSent) message.classList.remove("unsent");
      message.querySelector(".whose")?.replaceChildren(isSent ? SENT : NOT_SENT);
    };
  }

  /** @param {HTMLElement} message */
  #draw(message) {
    this.#waiting.push(message);
    if (this.#waiting.length > MAX_MESSAGES) this.#waiting.shift();
    if (this.#waiting.length === 1) requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    const log = this.#element;
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < END_SLACK_PX;
    log.querySelector(".empty")?.remove();
    log.append(...this.#waiting);
    this.#waiting = [];
    while (log.childElementCount > MAX_MESSAGES) log.firstElementChild?.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }
}

/**
 * Text from the network becomes text nodes only.
 *
 * @param {string} event
 * @param {unknown} payload
 * @param {string | undefined} whose what is said of a message of one's own
 */
function draw(event, payload, whose) {
  const now = new Date();
  const time = document.createElement("time");
  time.dateTime = now.toISOString();
  time.textContent = now.toLocaleTimeString([], { hour12: false });
  const about = document.createElement("p");
  about.className = "about";
  const name = document.createElement("code");
  name.textContent = event;
  if (whose !== undefined) {
    const own = document.createElement("span");
    own.className = "whose";
    own.textContent = whose;
    about.append(own);
  }
  about.append(name, time);

  const shown = showPayload(payload);
  const body = document.createElement(shown.isText ? "p" : "pre");
  body.className = "body";
  body.textContent = shown.text;

  const message = document.createElement("article");
  message.className = whose ? "message mine" : "message";
  message.append(about, body);
  return message;
}
