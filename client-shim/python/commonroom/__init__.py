"""Rooms over one WebSocket, with the browser's own or with the `websockets` library."""

import sys as _sys

from .channel import Channel
from .errors import ChannelConnectionError, ChannelError, ChannelMessageError
from .events import CloseEvent, MessageMeta, OpenEvent
from .registration import register_metafor_channels
from .state import ChannelState

__all__ = [
    "Channel",
    "ChannelConnectionError",
    "ChannelError",
    "ChannelMessageError",
    "ChannelState",
    "CloseEvent",
    "MessageMeta",
    "OpenEvent",
    "register_metafor_channels",
]

if _sys.platform == "emscripten":
    register_metafor_channels()
