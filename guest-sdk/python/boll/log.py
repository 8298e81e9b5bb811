"""Writes log lines: `log.info("saved", bytes=3)`."""

from wit_world.imports import log as host

from .text import well_formed


def trace(message: object, /, **fields: object) -> None:
    _emit(host.Level.TRACE, message, fields)


def debug(message: object, /, **fields: object) -> None:
    _emit(host.Level.DEBUG, message, fields)


def info(message: object, /, **fields: object) -> None:
    _emit(host.Level.INFO, message, fields)


def warning(message: object, /, **fields: object) -> None:
    _emit(host.Level.WARN, message, fields)


def error(message: object, /, **fields: object) -> None:
    _emit(host.Level.ERROR, message, fields)


def is_enabled(level: str) -> bool:
    """Whether a line of this level of the contract, such as "debug", would be written."""
    return host.enabled(host.Level[level.upper()])


def _emit(level: host.Level, message: object, fields: dict[str, object]) -> None:
    listed = []
    for key, value in fields.items():
        listed.append(host.Field(well_formed(key), _value(value)))
    host.emit(level, well_formed(message), listed)


def _value(value: object) -> host.Value:
    if isinstance(value, bool):
        return host.Value_Boolean(value)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return host.Value_Integer(value)
    if isinstance(value, float):
        return host.Value_Number(value)
    return host.Value_Text(well_formed(value))
