# %% 1. Always Clean Up
on_mount(lambda: asyncio.create_task(channel.connect()))
on_dispose(lambda: asyncio.create_task(channel.close()))

# %% 2. Use Auto-Reconnect for Production
channel = Channel(
    url,
    auto_reconnect=True,
    reconnect_delay=2.0,
    max_reconnect_attempts=None  # Unlimited for production
)

# %% 3. Handle Connection State in UI
is_connected, set_is_connected = create_signal(False)

channel.on_open(lambda: set_is_connected(True))
channel.on_close(lambda: set_is_connected(False))

# In template
<Show when=@{is_connected} fallback=@{<p>Connecting...</p>}>
    <div>Connected!</div>
</Show>

# %% 4. Queue Messages When Disconnected
async def safe_send(message):
    if channel.is_connected:
        await channel.send(message)
    else:
        # Queue or handle error
        print("Not connected, message not sent")

# %% 6. Rejoin Rooms After Reconnect
channel.on_open(lambda: asyncio.create_task(rejoin_rooms()))

async def rejoin_rooms():
    for room in ["room1", "room2"]:
        await channel.join(room)

# %% 7. Handle Errors Gracefully
channel.on_error(lambda error: console.error(f"Channel error: {error}"))

try:
    await channel.send(message)
except ChannelMessageError as e:
    # Handle error, maybe retry or show user
    show_error_to_user("Failed to send message")
