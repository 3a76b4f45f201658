# %% Error Handler
from metafor.channels import ChannelConnectionError, ChannelMessageError

def handle_error(error):
    if isinstance(error, ChannelConnectionError):
        print(f"Connection error: {error}")
    elif isinstance(error, ChannelMessageError):
        print(f"Message error: {error}")
    else:
        print(f"Error: {error}")

channel.on_error(handle_error)

# %% Try-Catch for Operations
try:
    await channel.connect()
except ChannelConnectionError as e:
    print(f"Failed to connect: {e}")

try:
    await channel.send({"text": "Hello"})
except ChannelMessageError as e:
    print(f"Failed to send: {e}")
