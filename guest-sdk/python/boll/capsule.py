"""Makes the export `boll:hook/handler` of a class's methods."""

import inspect
import sys
import traceback
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, overload

from componentize_py_types import Err
from wit_world.imports import types

from . import reply, snapshot
from .event import Event
from .failure import Failure, InvalidPayload, UnknownAction, describe
from .text import well_formed

#: A method of a capsule: it takes the event, and what it returns is answered.
_Method = TypeVar("_Method", bound=Callable[[Any, Event], object])


@overload
def action(named: _Method) -> _Method: ...
@overload
def action(named: str) -> Callable[[_Method], _Method]: ...
def action(named: _Method | str) -> _Method | Callable[[_Method], _Method]:
    """Makes a method an action, called like it with `-` for `_`, or as it is said."""
    if isinstance(named, str):
        said = named
        return lambda method: _mark(method, said)
    method: Any = named
    return _mark(named, method.__name__.replace("_", "-"))


def _mark(method: _Method, name: str) -> _Method:
    marked: Any = method
    marked.boll_action = name
    return method


class Capsule:
    """The base of the class `Handler`: each method marked as an action is one."""

    _actions: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        methods = {
            method.boll_action: name
            for name, method in vars(cls).items()
            if hasattr(method, "boll_action")
        }
        cls._actions = {**cls._actions, **methods}
        snapshot.preload(cls.__module__)

    def handle(self, action: str, event: types.Event) -> types.Reply:
        """The export. Values go out as JSON; what is raised is answered as a failure."""
        snapshot.thaw()
        try:
            return reply.of(self._answer(action, event))
        except UnknownAction as error:
            raise Err(types.Failure_UnknownAction(well_formed(error))) from error
        except InvalidPayload as error:
            raise Err(types.Failure_InvalidPayload(well_formed(error))) from error
        except Failure as error:
            raise _failed(str(error)) from error
        except Err as error:
            raise _failed(describe(error.value)) from error
        except SystemExit as error:
            exited = f"the action `{action}` called exit({error.code!r})"
            raise _failed(f"{exited} instead of returning") from error
        except BaseException as error:
            # A mistake in the capsule: where it is stands in the log, too.
            traceback.print_exception(_of_the_author(error), file=sys.stderr)
            raise _failed(f"{type(error).__name__}: {error}") from error

    def _answer(self, action: str, event: types.Event) -> object:
        if action not in self._actions:
            raise UnknownAction(action)
        method = getattr(self, self._actions[action])
        value: object = method(Event(event.topic, bytes(event.payload)))
        return _answered(action, value)


def _failed(reason: str) -> Err[types.Failure]:
    return Err(types.Failure_Failed(well_formed(reason)))


def _of_the_author(error: BaseException) -> BaseException:
    """The error without the frames of this file, through which each call comes."""
    while (trace := error.__traceback__) and trace.tb_next:
        if trace.tb_frame.f_code.co_filename != _of_the_author.__code__.co_filename:
            break
        error = error.with_traceback(trace.tb_next)
    return error


def _answered(action: str, value: object) -> object:
    """What an action returned. Nothing would run a coroutine or an iterator."""
    if inspect.iscoroutine(value):
        value.close()
    if inspect.isawaitable(value):
        raise Failure(
            f"the action `{action}` is asynchronous, and nothing runs a coroutine in a "
            "capsule: remove `async` and `await`; every function of the host returns its "
            "result"
        )
    if inspect.isgenerator(value) or inspect.isasyncgen(value):
        returned = f"the action `{action}` returned a generator"
        raise Failure(f"{returned}: return `list(...)` of it")
    return value
