# %% Configuration
channel = Channel(
    "ws://localhost:8000/ws",
    auto_reconnect=True,           # Enable auto-reconnect
    reconnect_delay=2.0,            # Wait 2 seconds between attempts
    max_reconnect_attempts=5        # Max 5 attempts (None for unlimited)
)

# %% Manual Reconnection
# Disable auto-reconnect and handle manually
channel = Channel("ws://localhost:8000/ws", auto_reconnect=False)

channel.on_close(lambda: asyncio.create_task(reconnect()))

async def reconnect():
    await asyncio.sleep(2)
    try:
        await channel.connect()
        # Rejoin rooms manually
        for room in ["room1", "room2"]:
            await channel.join(room)
    except Exception as e:
        print(f"Reconnect failed: {e}")
