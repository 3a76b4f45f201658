import { part } from "./parts.js";
import { states } from "./run.js";

/** The latest processes, the newest first; each is a link to itself. */
export function createRunList() {
  const element = document.getElementById("runs");

  function itemOf({ id, title, state }, isChosen) {
    const link = part("a", "");
    link.href = `#${id}`;
    link.append(part("span", "title", title), part("span", "id", id.slice(0, 8)));
    link.append(part("span", "word", states[state]));
    if (isChosen) link.setAttribute("aria-current", "true");
    const item = part("li", "");
    item.dataset.state = states[state];
    item.append(link);
    return item;
  }

  return {
    show(runs, chosen) {
      element.replaceChildren(...runs.map((run) => itemOf(run, run === chosen)));
    },
  };
}
