# %% Creating a Channel
from metafor.channels import Channel

# Create a channel
channel = Channel("ws://localhost:8000/ws")

# With auto-reconnect
channel = Channel(
    "ws://localhost:8000/ws",
    auto_reconnect=True,
    reconnect_delay=2.0,
    max_reconnect_attempts=5
)

# %% Connecting
import asyncio

async def main():
    await channel.connect()
    print("Connected!")

asyncio.run(main())

# %% Sending Messages
# Send a dictionary (auto-serialized to JSON)
await channel.send({"type": "message", "text": "Hello"})

# Send plain text
await channel.send("Hello, World!")

# Send binary data
await channel.send(b"Binary data")

# %% Receiving Messages
def handle_message(msg):
    print(f"Received: {msg}")

channel.on_message(handle_message)

# %% Closing Connection
await channel.close()
