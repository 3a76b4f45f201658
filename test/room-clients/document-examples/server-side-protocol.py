# %% Server Implementation
# Pseudocode
if message["type"] == "_join":
    add_client_to_room(websocket, message["room"])
elif message["type"] == "_leave":
    remove_client_from_room(websocket, message["room"])

# %% Server Implementation
# Pseudocode
if "_room" in message:
    room = message["_room"]
    broadcast_to_room(room, message)
else:
    broadcast_to_all(message)
