"""Publishes to topics."""

import json
import re
from dataclasses import dataclass
from typing import Any

from wit_world.imports import hook as host

from .failure import Failure
from .numbers import milliseconds
from .reply import payload
from .text import name


@dataclass(frozen=True)
class Answer:
    """What one subscriber answered."""

    capsule: str
    action: str
    #: The contract's.
    outcome: Any

    @property
    def kind(self) -> str:
        """The contract's word for it, such as "continue"."""
        return _case(self.outcome, "Outcome_")

    @property
    def payload(self) -> bytes | None:
        """The bytes that it gave, of "continue" and "final"; None where there are none."""
        value = self.outcome.value if self.kind in ("continue", "final") else None
        return None if value is None else bytes(value)

    @property
    def reason(self) -> str | None:
        """Why it gave none, of "deny", "failed" and "crashed"; None otherwise."""
        if self.kind == "failed":
            failure = self.outcome.value
            return f"{_case(failure, 'Failure_')}: {failure.value}"
        return self.outcome.value if self.kind in ("deny", "crashed") else None

    def json(self):
        """The JSON value that it gave; None where there is none."""
        return None if self.payload is None else json.loads(self.payload)


def trigger(topic: str, value, *, timeout: float | None = None) -> list[Answer]:
    """Tells all subscribers at once; gives every answer. Seconds for each."""
    answers = host.trigger(name(topic, "the topic"), payload(value), _options(timeout))
    return [Answer(answer.capsule, answer.action, answer.outcome) for answer in answers]


def intercept(topic: str, value, *, timeout: float | None = None):
    """Passes the value through all subscribers; gives what they left. Fails when one denied."""
    verdict = host.intercept(name(topic, "the topic"), payload(value), _options(timeout))
    kind = type(verdict).__name__.removeprefix("Verdict_")
    if kind == "Passed":
        return json.loads(verdict.value)
    if kind == "Final":
        return json.loads(verdict.value.payload)
    who = f"the capsule `{verdict.value.capsule}`"
    if kind == "Denied":
        raise Failure(f"{who} denied: {verdict.value.reason}")
    outcome = type(verdict.value.outcome).__name__.removeprefix("Outcome_")
    raise Failure(f"{who} did not answer properly: {outcome}")


def _options(timeout):
    return host.Options(milliseconds(timeout, "timeout", 32))


def _case(value, prefix):
    """The contract's name of a case: `Outcome_TimedOut` is "timed-out"."""
    name = type(value).__name__.removeprefix(prefix)
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
