"""Runs host programs to their end, in the manner of `subprocess`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wit_world.imports import process as host

from .command import CAPTURE, Exit, Limits, command
from .failure import Failure
from .text import well_formed

__all__ = ["CompletedProcess", "Exit", "Limits", "run"]


@dataclass(frozen=True)
class CompletedProcess:
    """What a program left behind."""

    args: list[str]
    status: Exit
    stdout_bytes: bytes
    stderr_bytes: bytes
    #: How many older bytes were dropped.
    stdout_dropped: int
    stderr_dropped: int
    elapsed_ms: int

    @property
    def returncode(self) -> int | None:
        return self.status.returncode

    @property
    def stdout(self) -> str:
        """As text, with U+FFFD for what is not UTF-8."""
        return self.stdout_bytes.decode(errors="replace")

    @property
    def stderr(self) -> str:
        return self.stderr_bytes.decode(errors="replace")

    def check_returncode(self) -> None:
        """Fails with what the program complained about unless it ended with 0."""
        if self.returncode != 0:
            raise Failure(f"{self.args[0]}: {self.status}: {self.stderr.rstrip()}")


def run(
    args: Sequence[object],
    *,
    input: str | bytes | None = None,
    check: bool = False,
    cwd: str | None = None,
    env: Mapping[str, object] | None = None,
    timeout: float | None = None,
    capture: int = CAPTURE,
    limits: Limits | None = None,
    label: str | None = None,
) -> CompletedProcess:
    """Runs a program to its end: `run(["git", "log"])`.

    The options are `cwd`, `env` (added to the sandbox's), `timeout` in seconds, `capture` (the
    newest bytes of each output that are kept, 1 MiB unless given), `limits` and `label`.
    """
    if isinstance(input, str):
        input = well_formed(input).encode()
    stdin = host.Input_Null() if input is None else host.Input_Bytes(input)
    asked = command(
        args,
        stdin,
        cwd=cwd,
        env=env,
        timeout=timeout,
        capture=capture,
        limits=limits,
        label=label,
    )
    output = host.run(asked)
    completed = CompletedProcess(
        args=[asked.program, *asked.args],
        status=Exit.of(output.exit),
        stdout_bytes=bytes(output.stdout.bytes),
        stderr_bytes=bytes(output.stderr.bytes),
        stdout_dropped=output.stdout.dropped,
        stderr_dropped=output.stderr.dropped,
        elapsed_ms=output.elapsed_ms,
    )
    if check:
        completed.check_returncode()
    return completed
