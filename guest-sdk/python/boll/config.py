"""Reads the capsule's configuration."""

import json
from typing import Any

from wit_world.imports import config as host

from .failure import Failure
from .text import name


def get(key: str, default: str | None = None) -> str | None:
    """The text of a declared key, or the default when it has no value."""
    value = host.get(name(key, "the configuration key"))
    return default if value is None else value


def value(key: str, default: Any = None) -> Any:
    """The value of a key of the type integer, number, boolean or json, or the default."""
    text = host.get(name(key, "the configuration key"))
    if text is None:
        return default
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"the configuration key `{key}` is text: read it with `get`"
        raise Failure(reason) from error


def all() -> dict[str, str]:
    """Every declared key that has a value, with its text."""
    return {entry.key: entry.value for entry in host.all()}
