"""Makes the export `boll:hook/handler` of a class's methods."""

import inspect
import sys
import traceback

from componentize_py_types import Err
from wit_world.imports import types

from . import reply, snapshot
from .event import Event
from .failure import Failure, InvalidPayload, UnknownAction, describe
from .text import well_formed


def action(named):
    """Makes a method an action: of its own name with `-` for `_`, or of the one that is given."""
    if isinstance(named, str):
        return lambda method: _mark(method, named)
    return _mark(named, named.__name__.replace("_", "-"))


def _mark(method, name):
    method.boll_action = name
    return method


class Capsule:
    """The base of the class `Handler`, in which each method marked as an action is one."""

    _actions = {}

    def __init_subclass__(cls, **arguments):
        super().__init_subclass__(**arguments)
        methods = {
            method.boll_action: name
            for name, method in vars(cls).items()
            if hasattr(method, "boll_action")
        }
        cls._actions = {**cls._actions, **methods}
        snapshot.preload(cls.__module__)

    def handle(self, action, event):
        """The export. Values go out as JSON; what is raised is answered as a failure."""
        snapshot.thaw()
        try:
            if action not in self._actions:
                raise UnknownAction(action)
            method = getattr(self, self._actions[action])
            return reply.of(_answer(action, method(Event(event.topic, bytes(event.payload)))))
        except UnknownAction as error:
            raise Err(types.Failure_UnknownAction(well_formed(error))) from error
        except InvalidPayload as error:
            raise Err(types.Failure_InvalidPayload(well_formed(error))) from error
        except Failure as error:
            raise Err(types.Failure_Failed(well_formed(error))) from error
        except Err as error:
            raise Err(types.Failure_Failed(well_formed(describe(error.value)))) from error
        except SystemExit as error:
            reason = f"the action `{action}` called exit({error.code!r}) instead of returning"
            raise Err(types.Failure_Failed(well_formed(reason))) from error
        except BaseException as error:
            # A mistake in the capsule: where it is stands in the log, too.
            traceback.print_exc(file=sys.stderr)
            reason = well_formed(f"{type(error).__name__}: {error}")
            raise Err(types.Failure_Failed(reason)) from error


def _answer(action, value):
    """What an action returned. Nothing would run a coroutine or an iterator."""
    if inspect.iscoroutine(value):
        value.close()
    if inspect.isawaitable(value):
        raise Failure(
            f"the action `{action}` is asynchronous, and nothing runs a coroutine in a capsule: "
            "remove `async` and `await`; every function of the host returns its result"
        )
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        raise Failure(f"the action `{action}` returned a generator: return `list(...)` of it")
    return value
