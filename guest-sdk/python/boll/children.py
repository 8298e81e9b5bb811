"""Drives programs that run beside the capsule, by lines."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from wit_world.imports import children as host
from wit_world.imports import process

from .command import CAPTURE, Exit, Limits, command
from .failure import Failure
from .numbers import milliseconds
from .text import name, well_formed

#: Seconds that one read or write may wait unless said otherwise.
TIMEOUT = 30.0
CHUNK = 65_536


def spawn(
    args: Sequence[object],
    *,
    cwd: str | None = None,
    env: Mapping[str, object] | None = None,
    timeout: float | None = None,
    capture: int = CAPTURE,
    limits: Limits | None = None,
    label: str | None = None,
) -> "Child":
    """Starts a program, with the options of `process.run`. Leaving its `with` block ends it."""
    asked = command(
        args,
        process.Input_Pipe(),
        cwd=cwd,
        env=env,
        timeout=timeout,
        capture=capture,
        limits=limits,
        label=label,
    )
    return Child(host.spawn(asked))


def attach(id: str) -> "Child":
    """A child that this capsule detached for the same principal. It is read from its beginning."""
    return Child(host.attach(name(id, "the id of the child")))


class Child:
    """A program that runs beside the capsule. It ends with the call, unless it is detached."""

    def __init__(self, handle: host.Child) -> None:
        self._handle = handle
        self._readings = {"stdout": _Reading(), "stderr": _Reading()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return self._handle.__exit__(kind, raised, traceback)

    def write(self, data: str | bytes, *, timeout: float = TIMEOUT) -> None:
        """Writes to its standard input, whole; fails when it reads nothing for so long."""
        data = well_formed(data).encode() if isinstance(data, str) else data
        while data:
            patience = milliseconds(timeout, "timeout", 32)
            taken = self._handle.write(data[:CHUNK], patience)
            if taken == 0:
                raise Failure(f"it read nothing for {timeout} s")
            data = data[taken:]

    def close_stdin(self) -> None:
        self._handle.close_stdin()

    def readline(self, *, channel: str = "stdout", timeout: float = TIMEOUT) -> str:
        """The next line with its newline, or "" at the end; fails when there is none for so long."""
        reading = self._readings[channel]
        while (line := reading.line()) is None:
            chunk = self._handle.read(
                host.Channel[channel.upper()],
                reading.cursor,
                CHUNK,
                milliseconds(timeout, "timeout", 32),
            )
            if not chunk.bytes and not chunk.eof:
                raise Failure(f"it wrote no line for {timeout} s")
            reading.add(chunk)
        return line.decode(errors="replace")

    def __iter__(self) -> Iterator[str]:
        """The lines of its standard output."""
        return iter(self.readline, "")

    def wait(self, timeout: float | None = None) -> Exit | None:
        """Its exit, or None when it is still running after so many seconds."""
        exit = self._handle.wait(milliseconds(timeout, "timeout", 32))
        return None if exit is None else Exit.of(exit)

    def stop(self, grace: float | None = None) -> Exit:
        """Interrupts it, terminates it after the grace (2 s), then kills it."""
        return Exit.of(self._handle.stop(milliseconds(grace, "grace", 32)))

    def signal(self, name: str) -> None:
        """Sends a signal of the contract, such as "interrupt", to its whole process tree."""
        self._handle.signal(host.Signal[name.upper().replace("-", "_")])

    def detach(self) -> str:
        """Lets it live on after the call; gives the id for `attach`."""
        return self._handle.detach()


class _Reading:
    """How far an output was read, and what of it was not given yet."""

    def __init__(self) -> None:
        self.cursor = 0
        self._rest = b""
        self._ended = False

    def line(self) -> bytes | None:
        line, newline, rest = self._rest.partition(b"\n")
        if newline:
            self._rest = rest
            return line + newline
        if not self._ended:
            return None
        self._rest = b""
        return line

    def add(self, chunk: host.Chunk) -> None:
        if chunk.dropped:
            lost = f"{chunk.dropped} bytes were dropped before they were read"
            raise Failure(f"{lost}: raise `capture`")
        self.cursor = chunk.next
        self._ended = chunk.eof
        self._rest += bytes(chunk.bytes)
