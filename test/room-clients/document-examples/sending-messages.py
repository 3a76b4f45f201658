# %% Basic Sending
# Send without room (global message)
await channel.send({"text": "Hello"})

# Send plain text
await channel.send("Hello, World!")

# Send binary
await channel.send(b"Binary data")

# %% Sending to Rooms
# Method 1: Using room parameter
await channel.send({"text": "Hello"}, room="chat-room")

# Method 2: Using send_to() convenience method
await channel.send_to("chat-room", {"text": "Hello"})
