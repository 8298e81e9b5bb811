"""What a snapshot would leave out or freeze.

componentize-py runs the modules once, at the build, and keeps what they left in memory:
later there are no files to import from, and a generator of random numbers goes on where
it was.
"""

import codecs
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from types import CodeType
from typing import Any

#: Codecs that are files, beside those that Python has in itself.
_CODECS = ["ascii", "cp437", "cp1252", "idna", "iso8859-15", "latin-1", "punycode"]
_CODECS += ["raw-unicode-escape", "unicode-escape", "utf-8-sig", "utf-16", "utf-32"]

_thawed = False


def preload(module: str) -> None:
    """Imports what the author's modules import inside of functions, and the usual codecs."""
    for codec in _CODECS:
        try:
            codecs.lookup(codec)
        except LookupError:
            pass
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen or not _is_authors(name):
            continue
        seen.add(name)
        for wanted in _imports(_code(name), sys.modules[name].__package__ or ""):
            try:
                importlib.import_module(wanted)
            except ImportError:
                # It may be meant for elsewhere, and the function handles that.
                pass
        waiting.extend(sys.modules)
    if "asyncio" in sys.modules:
        from . import loop

        loop.install()


def thaw() -> None:
    """Gives each instance random numbers of its own, at its first call."""
    global _thawed
    if _thawed:
        return
    _thawed = True
    random = sys.modules.get("random")
    if random is not None:
        random.seed()


def _is_authors(name: str) -> bool:
    """Whether a module belongs to the project or its packages, and is in a file."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    if spec is None or not spec.has_location or name.partition(".")[0] == "boll":
        return False
    return name.partition(".")[0] not in sys.stdlib_module_names


def _code(name: str) -> CodeType | None:
    loader: Any = getattr(sys.modules[name].__spec__, "loader", None)
    try:
        code = loader.get_code(name)
    except (AttributeError, ImportError, OSError, SyntaxError):
        return None
    return code if isinstance(code, CodeType) else None


def _imports(code: CodeType | None, package: str) -> list[str]:
    """The names of the modules that functions of this code import."""
    import dis

    found: list[str] = []
    functions = _functions(code) if code else []
    while functions:
        function = functions.pop()
        functions.extend(_functions(function))
        before: list[dis.Instruction] = []
        for step in dis.get_instructions(function):
            if step.opname == "IMPORT_NAME":
                level, names = _arguments(before)
                name = "." * level + (step.argval or "")
                found.extend(_resolved(name, names, package))
            before = [*before[-1:], step]
    return found


def _functions(code: CodeType) -> list[CodeType]:
    return [const for const in code.co_consts if isinstance(const, CodeType)]


def _arguments(before: Sequence[Any]) -> tuple[int, tuple[str, ...]]:
    """How far up an import goes, and what it takes out of the module."""
    values = [getattr(step, "argval", None) for step in before]
    level = values[0] if len(values) == 2 and isinstance(values[0], int) else 0
    names = values[1] if len(values) == 2 and isinstance(values[1], tuple) else ()
    return level, names


def _resolved(name: str, names: tuple[str, ...], package: str) -> list[str]:
    if not name.startswith("."):
        # What is taken out of a package may be a module of it.
        return [name, *(f"{name}.{one}" for one in names if one != "*" and name)]
    try:
        base = importlib.util.resolve_name(name, package)
    except (ImportError, ValueError):
        return []
    return [base, *(f"{base}.{one}" for one in names if one != "*")]
