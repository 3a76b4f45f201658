"""Makes the import of the original client give this one."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from .channel import Channel
from .errors import ChannelConnectionError, ChannelError, ChannelMessageError
from .state import ChannelState


def register_metafor_channels() -> None:
    """Puts `metafor.channels` in place: the submodule only, if there is a package `metafor`."""
    channels = ModuleType("metafor.channels", "Channels of commonroom.")
    exported = (
        Channel,
        ChannelState,
        ChannelError,
        ChannelConnectionError,
        ChannelMessageError,
    )
    for each in exported:
        setattr(channels, each.__name__, each)
    setattr(channels, "__all__", [each.__name__ for each in exported])
    # Before the package is looked at: what it imports by itself is then this one already.
    sys.modules["metafor.channels"] = channels
    if "metafor" not in sys.modules and find_spec("metafor") is None:
        package = ModuleType("metafor")
        package.__path__ = []
        sys.modules["metafor"] = package
    setattr(import_module("metafor"), "channels", channels)
