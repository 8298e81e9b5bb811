"""What an action answers when nothing went wrong."""

import json
from dataclasses import dataclass
from typing import Any

from wit_world.imports import types

from .failure import Failure
from .text import well_formed

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


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


def of(value: object) -> types.Reply:
    """What an action returned, in the contract's form."""
    match value:
        case Deny(reason):
            return types.Reply_Deny(well_formed(reason))
        case Final(value):
            return types.Reply_Final(payload(value))
        case None | Continue(None):
            return types.Reply_Continue(None)
        case Continue(value) | value:
            return types.Reply_Continue(payload(value))


def payload(value: object) -> bytes:
    """Bytes as they are, everything else as JSON. Fails for what has no form in JSON."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    try:
        text = _JSON.encode(value)
    except (TypeError, ValueError) as error:
        raise Failure(f"the value has no form in JSON: {error}") from error
    return well_formed(text).encode()
