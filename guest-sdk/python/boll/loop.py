"""A loop for asyncio, whose own needs sockets: coroutines run, and wait for time only."""

import asyncio
import asyncio.events
import time
from asyncio.base_events import BaseEventLoop
from typing import Any


class _Selector:
    """What the loop waits with when nothing can run."""

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise RuntimeError(
                "every coroutine waits, and nothing in a capsule wakes them"
            )
        if timeout > 0:
            time.sleep(timeout)
        return []

    def close(self) -> None:
        pass


class Loop(BaseEventLoop):
    """Has no sockets, signals, processes and threads: what asks for them fails."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Selector()

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        """Would wake the loop from another thread."""


def install() -> None:
    """Has `asyncio.run` and others take this loop."""
    for module in (asyncio, asyncio.events):
        vars(module)["new_event_loop"] = Loop
