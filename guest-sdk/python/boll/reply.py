"""What an action answers when nothing went wrong."""

import json
from dataclasses import dataclass
from typing import Any

from wit_world.imports import types


@dataclass(frozen=True)
class Continue:
    """Go on, with this value in place of the payload; with the payload itself if it is None."""

    value: Any = None


@dataclass(frozen=True)
class Final:
    """Done: no handler after this one is asked."""

    value: Any = None


@dataclass(frozen=True)
class Deny:
    """Not allowed, for this reason."""

    reason: str


def of(value):
    """What an action returned, in the contract's form."""
    match value:
        case Deny(reason):
            return types.Reply_Deny(reason)
        case Final(value):
            return types.Reply_Final(payload(value))
        case None | Continue(None):
            return types.Reply_Continue(None)
        case Continue(value) | value:
            return types.Reply_Continue(payload(value))


def payload(value) -> bytes:
    """Bytes as they are, everything else as JSON."""
    if isinstance(value, bytes):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
