"""Whom the capsule answers, and that it is ready."""

from dataclasses import dataclass

from wit_world.imports import lifecycle as host


@dataclass(frozen=True)
class Caller:
    """The call that the capsule answers. Times are in seconds since 1970."""

    #: On whose behalf, if the host says.
    principal: str | None
    #: The uuid of the capsule that published; None when the host called.
    capsule: str | None
    #: What cancels it, if it has an id.
    call_id: str | None
    started_at: float
    deadline: float | None
    #: The capsules that wait for this call, the first caller first.
    chain: tuple[str, ...]


def caller() -> Caller | None:
    """The call that is answered now; None outside of one."""
    call = host.caller()
    if call is None:
        return None
    return Caller(
        principal=call.principal,
        capsule=(
            call.source.value if isinstance(call.source, host.Source_Capsule) else None
        ),
        call_id=call.call_id,
        started_at=call.started_at_ms / 1000,
        deadline=None if call.deadline_ms is None else call.deadline_ms / 1000,
        chain=tuple(call.chain),
    )


def self_uuid() -> str:
    """This capsule's uuid: new each time that it is loaded."""
    return host.self_uuid()


def ready() -> None:
    """Says that this capsule is ready for calls. Saying it again changes nothing."""
    host.ready()
