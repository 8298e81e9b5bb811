"""What an action is called with."""

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from .failure import InvalidPayload


@dataclass(frozen=True)
class Event:
    """One event: its topic, or None when the action was called by name, and its payload."""

    topic: str | None
    payload: bytes

    def text(self) -> str:
        """The payload as text. What is no UTF-8 is answered as an invalid payload."""
        try:
            return self.payload.decode()
        except UnicodeDecodeError as error:
            raise InvalidPayload(f"not UTF-8: {error}") from error

    def json(self) -> Any:
        """The payload's JSON value. What is none is answered as an invalid payload."""
        try:
            return json.loads(self.text(), parse_constant=_no_constant)
        except (RecursionError, ValueError) as error:
            raise InvalidPayload(f"not JSON: {error}") from error


def _no_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity, which are not JSON."""
    raise ValueError(f"{name} is not a value of JSON")
