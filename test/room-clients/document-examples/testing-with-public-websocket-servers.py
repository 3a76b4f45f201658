# %% Echo Test Servers
# Simple echo server
channel = Channel("wss://echo.websocket.org")
channel.on_message(lambda msg: print(f"Echo: {msg}"))
await channel.connect()
await channel.send("Hello, World!")

# %% WebSocket Test Servers
channel = Channel("wss://echo.websocket.org")

# %% WebSocket Test Servers
channel = Channel("wss://ws.postman-echo.com/raw")

# %% WebSocket Test Servers
# Note: This requires Socket.IO protocol, may need adjustments
channel = Channel("wss://socketio-chat-h9jt.herokuapp.com/")

# %% Local Testing
import asyncio
from websockets.server import serve

async def echo(websocket):
    async for message in websocket:
        await websocket.send(f"Echo: {message}")

async def main():
    async with serve(echo, "localhost", 8765):
        await asyncio.Future()  # run forever

asyncio.run(main())

# %% Local Testing
channel = Channel("ws://localhost:8765")

# %% Testing Room Support
import asyncio
import json
from websockets.server import serve

rooms = {}  # room_name -> set of websockets

async def handle_client(websocket):
    client_rooms = set()

    async for message in websocket:
        try:
            data = json.loads(message)

            # Handle join
            if data.get("type") == "_join":
                room = data.get("room")
                if room not in rooms:
                    rooms[room] = set()
                rooms[room].add(websocket)
                client_rooms.add(room)
                await websocket.send(json.dumps({"status": "joined", "room": room}))

            # Handle leave
            elif data.get("type") == "_leave":
                room = data.get("room")
                if room in rooms:
                    rooms[room].discard(websocket)
                client_rooms.discard(room)
                await websocket.send(json.dumps({"status": "left", "room": room}))

            # Handle room message
            elif "_room" in data:
                room = data["_room"]
                if room in rooms:
                    # Broadcast to all clients in room
                    for client in rooms[room]:
                        if client != websocket:  # Don't echo to sender
                            await client.send(json.dumps(data))

            # Handle regular message
            else:
                await websocket.send(json.dumps({"echo": data}))

        except json.JSONDecodeError:
            await websocket.send(f"Echo: {message}")

    # Cleanup on disconnect
    for room in client_rooms:
        if room in rooms:
            rooms[room].discard(websocket)

async def main():
    async with serve(handle_client, "localhost", 8765):
        print("WebSocket server running on ws://localhost:8765")
        await asyncio.Future()

asyncio.run(main())

# %% Quick Test Example
from metafor.channels import Channel
import asyncio

async def test():
    # Connect to echo server
    channel = Channel("wss://echo.websocket.org")

    # Setup handlers
    channel.on_open(lambda: print("Connected!"))
    channel.on_message(lambda msg: print(f"Received: {msg}"))
    channel.on_error(lambda err: print(f"Error: {err}"))

    # Connect and send
    await channel.connect()
    await channel.send("Hello, World!")
    await channel.send({"type": "test", "data": "JSON message"})

    # Wait a bit to receive echo
    await asyncio.sleep(2)

    await channel.close()

asyncio.run(test())
