# %% Connection States
from metafor.channels import ChannelState

# Check state
if channel.state == ChannelState.OPEN:
    print("Connected")

# Reactive state signal
from metafor.core import track

state = track(lambda: channel.state_signal())
print(f"Current state: {state}")

# %% State Properties
# Check if connected
if channel.is_connected:
    print("Channel is connected")

# Check if connecting
if channel.is_connecting:
    print("Channel is connecting")

# Get ready state (0=CONNECTING, 1=OPEN, 2=CLOSING, 3=CLOSED)
ready_state = channel.ready_state
