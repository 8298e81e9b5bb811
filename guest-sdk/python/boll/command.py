"""Commands and exits in the contract's form."""

import re
from dataclasses import dataclass

from wit_world.imports import process as host

#: How many bytes of each output are kept unless said otherwise.
CAPTURE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of a process tree; None is the host's default."""

    #: In bytes.
    memory: int | None = None
    cpu_seconds: int | None = None
    #: Processes and threads at the same time.
    pids: int | None = None
    open_files: int | None = None
    #: The largest file that may be written, in bytes.
    file_size: int | None = None


def command(args, stdin, *, cwd=None, env=None, timeout=None, capture=CAPTURE, limits=Limits(), label=None):
    """A command for the host."""
    program, *rest = [str(arg) for arg in args]
    return host.Command(
        program=program,
        args=rest,
        cwd=cwd,
        env=[host.Variable(name, value) for name, value in (env or {}).items()],
        stdin=stdin,
        stdout=host.Keep_Ring(capture),
        stderr=host.Keep_Ring(capture),
        limits=host.Limits(**vars(limits)),
        deadline_ms=None if timeout is None else round(timeout * 1000),
        label=label,
    )


@dataclass(frozen=True)
class Exit:
    """How a program ended. Its text is such as `exit status: 0`."""

    #: Negative for a signal, as in `subprocess`; None when it did not start.
    returncode: int | None
    #: "own" when it ended of its own accord.
    cause: str
    #: Why it did not start.
    launch_failure: str | None = None

    @classmethod
    def of(cls, exit):
        cause = _case(exit.cause, "Cause_")
        if cause == "limit":
            cause = exit.cause.value.name.lower().replace("_", "-")
        status = exit.status
        match _case(status, "ExitStatus_"):
            case "code":
                return cls(status.value, cause)
            case "signal":
                return cls(-status.value, cause)
            case _:
                failure = status.value
                return cls(None, cause, f"{failure.step.name.lower()}: {failure.message}")

    def __str__(self):
        if self.returncode is None:
            return f"it did not start: {self.launch_failure}"
        why = "" if self.cause == "own" else f" ({self.cause})"
        if self.returncode < 0:
            return f"signal: {-self.returncode}{why}"
        return f"exit status: {self.returncode}{why}"


def _case(value, prefix):
    name = type(value).__name__.removeprefix(prefix)
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
