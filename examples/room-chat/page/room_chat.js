import { Channel } from "./lib/commonroom.js";

const [log, input, problem, state] = ["log", "text", "problem", "state"].map((id) =>
  document.getElementById(id),
);
const buttons = document.querySelectorAll("#rooms button");

const { webSocketUrl } = await (await fetch("config.json")).json();
const channel = new Channel(`${webSocketUrl}/ws`, { autoReconnect: true });
let currentRoom = "";

channel.stateSignal.subscribe((now) => {
  state.textContent = now;
  document.body.dataset.state = now;
});
channel.onOpen(() => showProblem(""));
channel.onError((error) => showProblem(error.message));

async function switchRoom(room) {
  if (channel.isInRoom(room)) return;
  // What is sent next arrives after it, so nothing has to wait for its answer.
  void channel.leave(currentRoom);
  currentRoom = room;
  document.getElementById("room").textContent = room;
  log.replaceChildren();
  showProblem("");
  showJoined("");
  channel.clearRoomHandlers();
  channel.onRoomMessage(room, (message) => showMessage(message, false));
  try {
    await channel.join(room);
    showJoined(room);
  } catch (error) {
    if (room === currentRoom) showProblem(`Not in ${room}: ${error.message}`);
  }
}

async function send() {
  const text = input.value.trim();
  if (text === "") return;
  try {
    // While there is no connection, it is kept for the next one.
    await channel.sendTo(currentRoom, { text });
    showMessage({ text }, true);
    input.value = "";
  } catch (error) {
    showProblem(`Not sent: ${error.message}`);
  }
}

function showJoined(room) {
  for (const button of buttons) button.ariaPressed = button.value === room;
}

function showMessage(message, isMine) {
  const line = document.createElement("p");
  line.className = isMine ? "message mine" : "message";
  line.textContent = message.text ?? JSON.stringify(message);
  log.append(line);
  log.scrollTop = log.scrollHeight;
}

function showProblem(text) {
  problem.textContent = text;
}

for (const button of buttons) {
  button.addEventListener("click", () => void switchRoom(button.value));
}
document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});

void channel.connect();
void switchRoom("general");
