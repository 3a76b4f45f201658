import { states } from "./run.js";

const byId = (id) => document.getElementById(id);

/** Shows one process: its state, its output, and the conversation with its executor. */
export function createRunView() {
  const steps = [...byId("states").children];

  function showState({ state, isOver }) {
    const word = states[state];
    byId("run").dataset.state = word;
    // A process ends in one state or the other.
    steps[2].textContent = isOver() ? word : "SUCCESS";
    const position = Math.min(state, 2);
    steps.forEach((step, index) => {
      step.classList.toggle("reached", index <= position);
      if (index === position) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
  }

  return {
    show(run) {
      byId("run").hidden = run === undefined;
      byId("nothing").hidden = run !== undefined;
      if (run === undefined) return;
      showState(run);
      byId("command").textContent = `$ ${run.command}`;
      byId("note").textContent = run.note();
      replace(byId("output"), run.output);
      replace(byId("chat"), run.conversation);
      byId("form").inert = byId("topics").inert = run.isOver();
    },
  };
}

/** Leaves what is there in its place, with its scroll position. */
function replace(place, element) {
  if (place.firstElementChild === element) return;
  place.replaceChildren(element);
  element.scrollTop = element.scrollHeight;
}
