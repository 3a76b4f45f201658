/** Nothing typed for so long: no longer typing. */
const PAUSE_MS = 4000;

/** Tells the room when its user begins to type and when they stop; no key is told on its own. */
export class Typing {
  #tell;
  #isTold = false;
  #timer;

  /** @param {(isTyping: boolean) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {string} text what is in the box now */
  typed(text) {
    clearTimeout(this.#timer);
    if (text.trim() === "") {
      this.#set(false);
      return;
    }
    this.#set(true);
    this.#timer = setTimeout(() => this.#set(false), PAUSE_MS);
  }

  /** Forgets what was told: the room has ended it by itself, or it is another room. */
  reset() {
    clearTimeout(this.#timer);
    this.#isTold = false;
  }

  #set(isTyping) {
    if (this.#isTold !== isTyping) this.#tell(isTyping);
    this.#isTold = isTyping;
  }
}
