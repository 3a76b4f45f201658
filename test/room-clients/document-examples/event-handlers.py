# %% Connection Events
# On connection open
channel.on_open(lambda: print("Connected!"))

# On connection close
channel.on_close(lambda: print("Disconnected!"))

# On error
channel.on_error(lambda error: print(f"Error: {error}"))

# %% Message Events
# General message handler
channel.on_message(lambda msg: print(f"Message: {msg}"))

# Room-specific handler (if server includes room metadata)
channel.on_room_message("room-name", lambda msg: print(f"Room message: {msg}"))

# %% Handler Management
# Remove a specific handler
handler = channel.on_message(my_handler)
channel.remove_handler(handler)

# Clear all handlers
channel.clear_handlers()

# Clear room handlers
channel.clear_room_handlers()  # All rooms
channel.clear_room_handlers("room-name")  # Specific room
