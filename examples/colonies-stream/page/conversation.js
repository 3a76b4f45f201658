import { appendTo, part } from "./parts.js";

/** Questions and answers: the messages of a process's channel `chat`. */
export function createConversation() {
  const element = part("ol", "questions");
  element.setAttribute("role", "log");
  element.setAttribute("aria-label", "Questions and answers");
  /** @type {{ number: number, item: HTMLElement, isAnswered: boolean }[]} */
  const questions = [];
  let last = 0;

  function addAnswer(number, text) {
    const asked = questions.filter((each) => each.number === number);
    const question = asked.find(({ isAnswered }) => !isAnswered) ?? asked.at(-1);
    if (question === undefined) return;
    question.isAnswered = true;
    question.item.append(part("p", "answer", text));
    element.scrollTop = element.scrollHeight;
  }

  function add({ text, _sequence: number, _inreplyto: answered }) {
    last = Math.max(last, number);
    if (answered !== undefined) {
      addAnswer(answered, text);
      return;
    }
    const item = part("li", "");
    item.append(part("p", "question", text));
    questions.push({ number, item, isAnswered: false });
    appendTo(element, item);
  }

  return {
    element,
    add,
    /** The number that the next question of this page has. */
    next: () => last + 1,
  };
}
