"""The functions that a page or a program registered, and how they are called."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Iterable
from typing import Any, Callable, NamedTuple

from .errors import ChannelError
from .events import MessageMeta

Handler = Callable[..., Any]

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)

log = logging.getLogger("commonroom")


class Registered(NamedTuple):
    """A handler and what its signature asks for."""

    handler: Handler
    takes_event: bool
    takes_meta: bool


class Handlers:
    """Handlers by what they listen to. One that fails costs nobody else anything."""

    def __init__(self) -> None:
        self._lists: dict[str, list[Registered]] = {}
        self._rooms: dict[str, list[Registered]] = {}
        self._tasks: set[asyncio.Future[Any]] = set()
        self.clear()

    def add(self, what: str, handler: Handler) -> Handler:
        """Registers for "open", "message", "error" or "close"."""
        self._lists[what].append(_registered(handler))
        return handler

    def add_room(self, room: str, handler: Handler) -> Handler:
        """Registers for the messages of a room."""
        self._rooms.setdefault(room, []).append(_registered(handler))
        return handler

    def remove(self, handler: Handler) -> bool:
        """Removes the first occurrence from each list but the rooms'."""
        found = [_remove(registered, handler) for registered in self._lists.values()]
        return any(found)

    def remove_room(self, room: str, handler: Handler) -> bool:
        """Removes the first occurrence from a room's list."""
        return _remove(self._rooms.get(room, []), handler)

    def clear(self) -> None:
        """Removes all."""
        self._lists = {"open": [], "message": [], "error": [], "close": []}
        self._rooms = {}

    def clear_rooms(self, room: str | None = None) -> None:
        """Removes those of one room, or of all rooms."""
        if room is None:
            self._rooms = {}
        else:
            self._rooms.pop(room, None)

    def run_event(self, what: str, event: Any) -> None:
        """Runs the handlers of "open" or "close"."""
        for registered in list(self._lists[what]):
            self._run(registered.handler, (event,) if registered.takes_event else ())

    def run_message(self, body: Any, meta: MessageMeta) -> None:
        """Runs the room's handlers, then all general ones."""
        in_room = self._rooms.get(meta.room, []) if meta.room is not None else []
        for registered in [*in_room, *self._lists["message"]]:
            self._run(registered.handler, (body, meta) if registered.takes_meta else (body,))

    def report(self, error: ChannelError, is_raised: bool = False) -> None:
        """Tells the error handlers; the log, if there are none and nobody else is told."""
        handlers = list(self._lists["error"])
        if not handlers and not is_raised:
            log.error("%s", error, exc_info=error.__cause__)
        for registered in handlers:
            try:
                result = registered.handler(error)
            except Exception:
                log.exception("an error handler failed")
                continue
            if inspect.isawaitable(result):
                self._keep(
                    result, lambda failure: log.error("an error handler failed", exc_info=failure)
                )

    def _run(self, handler: Handler, arguments: Iterable[Any]) -> None:
        try:
            result = handler(*arguments)
        except Exception as error:
            self._handler_failed(error)
            return
        if inspect.isawaitable(result):
            self._keep(result, self._handler_failed)

    def _keep(self, awaitable: Any, failed: Callable[[BaseException], Any]) -> None:
        """Runs on to the end: a task that nobody refers to may be collected half-way."""
        task = asyncio.ensure_future(awaitable)
        self._tasks.add(task)

        def ended(task: asyncio.Future[Any]) -> None:
            self._tasks.discard(task)
            error = None if task.cancelled() else task.exception()
            if error is not None:
                failed(error)

        task.add_done_callback(ended)

    def _handler_failed(self, error: BaseException) -> None:
        failure = ChannelError(f"A handler failed: {error!r}", "handler_failed")
        failure.__cause__ = error
        self.report(failure)


def _registered(handler: Handler) -> Registered:
    """Looks at what a handler takes.

    A parameter with a default is often one that a lambda keeps a value in, so only required ones
    and one called `meta` ask for the meta.
    """
    try:
        parameters = list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError):
        return Registered(handler, takes_event=False, takes_meta=False)
    positional = [each for each in parameters if each.kind in POSITIONAL]
    required = [each for each in positional if each.default is inspect.Parameter.empty]
    takes_all = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters)
    second_is_meta = len(positional) > 1 and positional[1].name == "meta"
    return Registered(
        handler,
        takes_event=bool(positional) or takes_all,
        takes_meta=len(required) > 1 or second_is_meta,
    )


def _remove(registered: list[Registered], handler: Handler) -> bool:
    for index, each in enumerate(registered):
        if each.handler == handler:
            del registered[index]
            return True
    return False
