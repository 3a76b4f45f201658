"""Stands in for `metafor.core`: signals, and what runs when a component comes and goes."""

from __future__ import annotations

from typing import Any, Callable

mounted: list[Callable[[], Any]] = []
disposed: list[Callable[[], Any]] = []


def create_signal(value: Any) -> Any:
    values = [value]

    def getter() -> Any:
        return values[0]

    def setter(new_value: Any) -> None:
        values[0] = new_value

    return getter, setter


def track(read: Callable[[], Any]) -> Any:
    return read()


def on_mount(callback: Callable[[], Any]) -> None:
    mounted.append(callback)


def on_dispose(callback: Callable[[], Any]) -> None:
    disposed.append(callback)
