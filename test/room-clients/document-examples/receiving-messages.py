# %% General Message Handler
def handle_message(msg):
    # msg is automatically parsed if JSON, otherwise raw
    if isinstance(msg, dict):
        print(f"Received JSON: {msg}")
    else:
        print(f"Received: {msg}")

channel.on_message(handle_message)

# %% Multiple Handlers
channel.on_message(lambda msg: print(f"Handler 1: {msg}"))
channel.on_message(lambda msg: print(f"Handler 2: {msg}"))

# %% Removing Handlers
handler = channel.on_message(lambda msg: print(msg))
channel.remove_handler(handler)
