"""For authors of Boll capsules: the export, its events, replies and failures."""

from .capsule import Capsule, action
from .event import Event
from .failure import Failure, InvalidPayload, UnknownAction
from .reply import Continue, Deny, Final

__all__ = [
    "Capsule",
    "Continue",
    "Deny",
    "Event",
    "Failure",
    "Final",
    "InvalidPayload",
    "UnknownAction",
    "action",
]
