"""What this capsule and others may do."""

from dataclasses import dataclass

from wit_world.imports import capability as host

from .text import name as named


@dataclass(frozen=True)
class Grant:
    """Something that a capsule holds."""

    #: The name that `check` takes, such as `process:git`.
    name: str
    #: What it is limited to, such as `git log **`.
    scope: str


def held() -> list[Grant]:
    """Everything that this capsule holds, sorted by name."""
    return [Grant(grant.name, grant.scope) for grant in host.held()]


def check(uuid: str, name: str) -> bool:
    """Whether the capsule with this uuid holds a capability, such as `process:git`."""
    return host.check(named(uuid, "the uuid"), named(name, "the capability"))
