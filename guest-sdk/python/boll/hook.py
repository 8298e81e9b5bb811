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
    outcome: host.Outcome

    @property
    def kind(self) -> str:
        """The contract's word for it, such as "continue"."""
        return _case(self.outcome, "Outcome_")

    @property
    def payload(self) -> bytes | None:
        """The bytes that it gave, of "continue" and "final"; None where there are none."""
        match self.outcome:
            case host.Outcome_Continue(bytes(value)) | host.Outcome_Final(value):
                return value
        return None

    @property
    def reason(self) -> str | None:
        """Why it gave none, of "deny", "failed" and "crashed"; None otherwise."""
        match self.outcome:
            case host.Outcome_Failed(failure):
                return f"{_case(failure, 'Failure_')}: {failure.value}"
            case host.Outcome_Deny(reason) | host.Outcome_Crashed(reason):
                return reason
        return None

    def json(self) -> Any:
        """The JSON value that it gave; None where there is none."""
        return None if self.payload is None else json.loads(self.payload)


def trigger(topic: str, value: object, *, timeout: float | None = None) -> list[Answer]:
    """Tells all subscribers at once; gives every answer. Seconds for each."""
    topic = name(topic, "the topic")
    answers = host.trigger(topic, payload(value), _options(timeout))
    return [Answer(one.capsule, one.action, one.outcome) for one in answers]


def intercept(topic: str, value: object, *, timeout: float | None = None) -> Any:
    """Passes the value through all subscribers; gives what they left. Fails when one denied."""
    topic = name(topic, "the topic")
    match host.intercept(topic, payload(value), _options(timeout)):
        case host.Verdict_Passed(left):
            return json.loads(left)
        case host.Verdict_Final(final):
            return json.loads(final.payload)
        case host.Verdict_Denied(refusal):
            reason = f"the capsule `{refusal.capsule}` denied: {refusal.reason}"
            raise Failure(reason)
        case host.Verdict_Stopped(answer):
            outcome = _case(answer.outcome, "Outcome_")
            reason = (
                f"the capsule `{answer.capsule}` did not answer properly: {outcome}"
            )
            raise Failure(reason)


def _options(timeout: float | None) -> host.Options:
    return host.Options(milliseconds(timeout, "timeout", 32))


def _case(value: object, prefix: str) -> str:
    """The contract's name of a case: `Outcome_TimedOut` is "timed-out"."""
    name = type(value).__name__.removeprefix(prefix)
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
