"""Commands and exits in the contract's form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wit_world.imports import process as host

from .failure import Failure
from .numbers import milliseconds, whole
from .text import name, well_formed

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


_NO_LIST = 'a command is a list of the program and its arguments: ["git", "log"]'


def command(
    args: Sequence[object],
    stdin: host.Input,
    *,
    cwd: str | None = None,
    env: Mapping[str, object] | None = None,
    timeout: float | None = None,
    capture: int = CAPTURE,
    limits: Limits | None = None,
    label: str | None = None,
) -> host.Command:
    """A command for the host."""
    if isinstance(args, str | bytes):
        raise Failure(_NO_LIST)
    program, *rest = [_argument(arg) for arg in args] or [""]
    limits = limits or Limits()
    capture = whole(capture, "capture")
    return host.Command(
        program=program,
        args=rest,
        cwd=None if cwd is None else name(cwd, "the folder"),
        env=[_variable(key, value) for key, value in (env or {}).items()],
        stdin=stdin,
        stdout=host.Keep_Ring(capture),
        stderr=host.Keep_Ring(capture),
        limits=host.Limits(
            memory=whole(limits.memory, "the limit memory"),
            cpu_seconds=whole(limits.cpu_seconds, "the limit cpu_seconds"),
            pids=whole(limits.pids, "the limit pids", 32),
            open_files=whole(limits.open_files, "the limit open_files", 32),
            file_size=whole(limits.file_size, "the limit file_size"),
        ),
        deadline_ms=milliseconds(timeout, "timeout"),
        label=None if label is None else well_formed(label),
    )


def _argument(value: object) -> str:
    if isinstance(value, bytes):
        raise Failure(f"{value!r} is bytes: the program and its arguments are text")
    return name(value, "an argument")


def _variable(key: str, value: object) -> host.Variable:
    return host.Variable(
        name(key, "the name of a variable"), name(value, f"the variable {key}")
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
    def of(cls, exit: host.Exit) -> "Exit":
        match exit.cause:
            case host.Cause_Limit(limit):
                cause = limit.name.lower().replace("_", "-")
            case own:
                cause = _case(own, "Cause_")
        match exit.status:
            case host.ExitStatus_Code(code):
                return cls(code, cause)
            case host.ExitStatus_Signal(signal):
                return cls(-signal, cause)
            case host.ExitStatus_LaunchFailed(failure):
                reason = f"{failure.step.name.lower()}: {failure.message}"
                return cls(None, cause, reason)

    def __str__(self) -> str:
        if self.returncode is None:
            return f"it did not start: {self.launch_failure}"
        why = "" if self.cause == "own" else f" ({self.cause})"
        if self.returncode < 0:
            return f"signal: {-self.returncode}{why}"
        return f"exit status: {self.returncode}{why}"


def _case(value: object, prefix: str) -> str:
    name = type(value).__name__.removeprefix(prefix)
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
