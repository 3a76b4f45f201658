import { Channel } from "./lib/commonroom.js";
import { part } from "./parts.js";
import { request } from "./requests.js";
import { createRun } from "./run.js";
import { createRunList } from "./run-list.js";
import { createRunView } from "./run-view.js";

const [{ webSocketUrl }, { token, commands }, described] = await Promise.all(
  ["config.json", "api/visit", "api/runs"].map((path) => request(path)),
);
const state = document.querySelector(".state");
const question = document.getElementById("question");
const list = createRunList();
const view = createRunView();

const channel = new Channel(`${webSocketUrl}/ws`, { autoReconnect: true });
channel.stateSignal.subscribe((now) => {
  state.textContent = now === "open" ? "live" : now;
  document.body.dataset.state = state.textContent;
});
channel.onOpen(() => showProblem(""));
channel.onError((error) => {
  const run = runs.find(({ hasRoom }) => hasRoom(error.room));
  if (run === undefined) showProblem(error.message);
  // The rooms of a process end with it.
  else if (error.code !== "room_closed") {
    run.problem = error.message;
    show();
  }
});

/** The newest first. */
let runs = described.map((each) => createRun(each, { channel, token, onChange: show }));

function chosen() {
  return runs.find(({ id }) => id === location.hash.slice(1));
}

function show() {
  list.show(runs, chosen());
  view.show(chosen());
}

function choose() {
  void chosen()?.follow();
  show();
  // Where there is one column, the process is below the list.
  if (matchMedia("(max-width: 50rem)").matches) document.getElementById("run").scrollIntoView();
}

async function submit(command) {
  showProblem("");
  try {
    const run = createRun(await request("api/runs", { command }), {
      channel,
      token,
      onChange: show,
    });
    runs = [run, ...runs];
    location.hash = run.id;
  } catch (error) {
    showProblem(`Not submitted: ${error.message}`);
  }
}

async function ask(text) {
  const asked = text.trim();
  if (asked === "") return;
  question.value = "";
  showProblem("");
  try {
    await chosen().ask(asked);
  } catch (error) {
    showProblem(`Not asked: ${error.message}`);
  }
}

function showProblem(text) {
  document.getElementById("problem").textContent = text;
}

for (const { name, title } of commands) {
  const button = part("button", "", title);
  button.type = "button";
  button.addEventListener("click", () => void submit(name));
  document.getElementById("commands").append(button);
}
document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void ask(question.value);
});
for (const topic of document.querySelectorAll("#topics button")) {
  topic.addEventListener("click", () => void ask(topic.textContent));
}
addEventListener("hashchange", choose);

void channel.connect();
// Those that go on tell of their states from now on.
for (const run of runs) if (!run.isOver()) void run.follow();
choose();
