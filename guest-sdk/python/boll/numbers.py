"""Numbers that the host takes."""

from typing import overload

from .failure import Failure


@overload
def whole(value: int, what: str, bits: int = 64) -> int: ...
@overload
def whole(value: int | None, what: str, bits: int = 64) -> int | None: ...
def whole(value: int | None, what: str, bits: int = 64) -> int | None:
    """A whole number from 0 on that has so many bits at most; None for none."""
    if value is None:
        return None
    most = (1 << bits) - 1
    if isinstance(value, int) and 0 <= value <= most:
        return int(value)
    raise Failure(f"{what} is {value!r}: it has to be a whole number from 0 to {most}")


@overload
def milliseconds(seconds: float, what: str, bits: int = 64) -> int: ...
@overload
def milliseconds(seconds: float | None, what: str, bits: int = 64) -> int | None: ...
def milliseconds(seconds: float | None, what: str, bits: int = 64) -> int | None:
    """Seconds in the contract's unit."""
    if seconds is None:
        return None
    try:
        return whole(round(seconds * 1000), what, bits)
    except (OverflowError, TypeError, ValueError):
        reason = f"{what} is {seconds!r}: it has to be a number of seconds"
        raise Failure(reason) from None
