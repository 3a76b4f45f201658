# %% Joining Rooms
# Join a room
await channel.join("chat-room-1")
await channel.join("notifications")

# %% Leaving Rooms
# Leave a room
await channel.leave("chat-room-1")

# %% Checking Room Membership
# Check if in a room
if channel.is_in_room("chat-room-1"):
    print("In chat-room-1")

# Get all joined rooms
rooms = channel.get_rooms()
print(f"Joined rooms: {rooms}")

# %% Sending to Rooms
# Send to specific room
await channel.send_to("chat-room-1", {"text": "Hello room!"})

# Or use room parameter
await channel.send({"text": "Hello"}, room="chat-room-1")

# %% Room-Specific Handlers
# Handler for specific room
channel.on_room_message("chat-room-1", lambda msg: print(f"Chat: {msg}"))
channel.on_room_message("notifications", lambda msg: print(f"Notification: {msg}"))
