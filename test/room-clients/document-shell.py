"""Runs pieces of Python one after another, with `await` at the top level, as a page does."""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import json
import sys
from typing import Any

import commonroom


class Lines(io.TextIOBase):
    """Keeps what is printed."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


async def main() -> None:
    answers, sys.stdout = sys.stdout, Lines()
    commonroom.register_metafor_channels()
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    names: dict[str, Any] = {}
    while True:
        line = await reader.readline()
        if not line:
            return
        request = json.loads(line)
        answer = {"n": request["n"]}
        if request["op"] == "begin":
            names = {"__name__": "__main__"}
            sys.stdout.text = ""
        elif request["op"] == "printed":
            answer["value"] = sys.stdout.text
        else:
            try:
                await run(request["code"], names)
            except Exception as error:
                answer["error"] = repr(error)
        print(json.dumps(answer), file=answers, flush=True)


async def run(code: str, names: dict[str, Any]) -> None:
    compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)
    if inspect.isawaitable(result):
        await result


asyncio.run(main())
