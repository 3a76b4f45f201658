# %% Basic Component Example
@component("ChatComponent") @props {
    from metafor.core import create_signal, on_mount, on_dispose
    from metafor.channels import Channel
    import asyncio

    # State
    messages, set_messages = create_signal([])
    input_text, set_input_text = create_signal("")

    # Create channel
    channel = Channel("ws://localhost:8000/ws", auto_reconnect=True)

    # Setup handlers
    channel.on_message(lambda msg: set_messages([*messages(), str(msg)]))

    # Connect on mount
    on_mount(lambda: asyncio.create_task(channel.connect()))

    # Cleanup on dispose
    on_dispose(lambda: asyncio.create_task(channel.close()))

    # Send message
    async def send():
        if input_text().strip():
            await channel.send({"text": input_text()})
            set_input_text("")
}

@ptml {
    <div>
        <For each=@{messages}>
            @{lambda msg: <p>@{msg}</p>}
        </For>
        <input
            value=@{input_text}
            oninput=@{lambda e: set_input_text(e.target.value)}
        />
        <button onclick=@{lambda: asyncio.create_task(send())}>Send</button>
    </div>
}

# %% Component with Rooms
@component("RoomChat") @props {
    from metafor.core import create_signal, on_mount, on_dispose
    from metafor.channels import Channel
    import asyncio

    messages, set_messages = create_signal([])
    current_room, set_current_room = create_signal("general")
    input_text, set_input_text = create_signal("")

    channel = Channel("ws://localhost:8000/ws", auto_reconnect=True)

    # Message handler
    def handle_message(msg):
        new_messages = list(messages())
        new_messages.append({
            "room": current_room(),
            "text": msg.get("text", str(msg)) if isinstance(msg, dict) else str(msg)
        })
        set_messages(new_messages)

    channel.on_message(handle_message)

    # Connect and join room on mount
    async def setup():
        await channel.connect()
        await channel.join(current_room())

    on_mount(lambda: asyncio.create_task(setup()))
    on_dispose(lambda: asyncio.create_task(channel.close()))

    # Switch rooms
    async def switch_room(room_name):
        if channel.is_in_room(current_room()):
            await channel.leave(current_room())
        await channel.join(room_name)
        set_current_room(room_name)
        set_messages([])

    # Send message
    async def send():
        if input_text().strip():
            await channel.send_to(current_room(), {"text": input_text()})
            set_input_text("")
}

@ptml {
    <div>
        <div>
            <button onclick=@{lambda: asyncio.create_task(switch_room("general"))}>
                General
            </button>
            <button onclick=@{lambda: asyncio.create_task(switch_room("tech"))}>
                Tech
            </button>
        </div>
        <div>
            <h3>Room: @{current_room}</h3>
            <For each=@{messages}>
                @{lambda msg: <p>@{msg.get('text', '')}</p>}
            </For>
        </div>
        <input
            value=@{input_text}
            oninput=@{lambda e: set_input_text(e.target.value)}
        />
        <button onclick=@{lambda: asyncio.create_task(send())}>Send</button>
    </div>
}
