"""Publishes to topics."""

import json

from wit_world.imports import hook as host

from .failure import Failure
from .numbers import milliseconds
from .reply import payload
from .text import name


def trigger(topic: str, value, *, timeout: float | None = None) -> list:
    """Tells all subscribers at once; gives every answer of the contract. Seconds for each."""
    return host.trigger(name(topic, "the topic"), payload(value), _options(timeout))


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
