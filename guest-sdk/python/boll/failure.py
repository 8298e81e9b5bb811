"""What an action answers when something went wrong."""

import re


class Failure(Exception):
    """The action did not succeed, for the reason that is the message."""


class InvalidPayload(Failure):
    """The payload is not what the action takes."""


class UnknownAction(Failure):
    """The capsule has no such action."""


def describe(error: object) -> str:
    """What one of the host's errors says."""
    case = type(error).__name__.removeprefix("Error_")
    case = re.sub(r"(?<!^)(?=[A-Z])", "-", case).lower()
    value = getattr(error, "value", None)
    if value is None:
        return case
    if case == "denied" and hasattr(value, "capability"):
        return f"the capability `{value.capability}` is missing: {value.reason}"
    return f"{case}: {value}"
