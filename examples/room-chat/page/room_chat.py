import asyncio

from js import document
from metafor.channels import Channel, ChannelConnectionError, ChannelError
from pyodide.ffi.wrappers import add_event_listener
from pyodide.http import pyfetch

log, field, problem, state_line = map(
    document.getElementById, ("log", "text", "problem", "state")
)
buttons = document.querySelectorAll("#rooms button")

config = await (await pyfetch("config.json")).json()
channel = Channel(f"{config['webSocketUrl']}/ws", auto_reconnect=True)
current_room = "general"


def show_state(state):
    state_line.textContent = document.body.dataset.state = state.value


channel.state_signal.subscribe(show_state)
channel.on_open(lambda: show_problem(""))
channel.on_error(lambda error: show_problem(str(error)))


# Connect and join a room
async def setup():
    try:
        await channel.connect()
    except ChannelConnectionError:
        pass  # on_error has shown it; further attempts follow
    await enter(current_room)


# Switch rooms
async def switch_room(room_name):
    global current_room
    if room_name == current_room and channel.is_in_room(room_name):
        return
    left, current_room = current_room, room_name
    await channel.leave(left)
    if room_name == current_room:  # nobody has clicked on meanwhile
        await enter(room_name)


async def enter(room_name):
    document.getElementById("room").textContent = room_name
    log.replaceChildren()
    show_problem("")
    show_joined("")
    channel.clear_room_handlers()
    channel.on_room_message(room_name, show_message)
    try:
        await channel.join(room_name)
        show_joined(room_name)
    except ChannelError as error:
        if room_name == current_room:
            show_problem(f"Not in {room_name}: {error}")


# Send message
async def send():
    text = field.value.strip()
    if text:
        try:
            # While there is no connection, it is kept for the next one
            await channel.send_to(current_room, {"text": text})
        except ChannelError as error:
            show_problem(f"Not sent: {error}")
            return
        show_message({"text": text}, is_mine=True)
        field.value = ""


def show_joined(room_name):
    for button in buttons:
        button.ariaPressed = str(button.value == room_name).lower()


def show_message(message, is_mine=False):
    line = document.createElement("p")
    line.className = "message mine" if is_mine else "message"
    text = message.get("text", message) if isinstance(message, dict) else message
    line.textContent = str(text)
    log.append(line)
    log.scrollTop = log.scrollHeight


def show_problem(text):
    problem.textContent = text


def on_submit(event):
    event.preventDefault()
    asyncio.create_task(send())


for button in buttons:
    add_event_listener(
        button, "click", lambda event: asyncio.create_task(switch_room(event.target.value))
    )
add_event_listener(document.getElementById("form"), "submit", on_submit)

asyncio.create_task(setup())
