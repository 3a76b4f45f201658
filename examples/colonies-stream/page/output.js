import { appendTo, part } from "./parts.js";

/** What a process prints: the messages of its channel `output`. */
export function createOutput() {
  const element = part("ol", "lines");
  element.tabIndex = 0;
  element.setAttribute("aria-label", "Lines");
  let failure = "";
  return {
    element,
    /** Why the stream broke off, as its last line says. */
    failure: () => failure,
    /** Messages are numbered by their sender; the last one says by its type that it is. */
    add({ text, _sequence, _type }) {
      if (_type === "end") return;
      if (_type === "error") failure = text;
      const line = part("li", _type === "error" ? "error" : "", text);
      line.value = _sequence;
      appendTo(element, line);
    },
  };
}
