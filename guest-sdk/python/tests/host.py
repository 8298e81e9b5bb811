"""Stands in for the host: modules whose types make themselves and whose functions a test sets."""

import enum
import sys
import types
from typing import Generic, TypeVar


class Case:
    """A record or a case of a variant, as the bindings have them: fields by place or by name."""

    __match_args__ = ("value",)

    def __init__(self, *values, **fields):
        vars(self).update(zip(["value"], values) if values else ())
        vars(self).update(fields)

    def __repr__(self):
        return f"{type(self).__name__}({vars(self)})"

    def __eq__(self, other):
        return repr(self) == repr(other)


class Field(Case):
    def __init__(self, key, value):
        super().__init__(key=key, value=value)


E = TypeVar("E")


class Err(Exception, Generic[E]):
    def __init__(self, value):
        self.value = value


class Interface(types.ModuleType):
    def __getattr__(self, name):
        if not name[0].isupper():
            raise AttributeError(name)
        made = type(name, (Case,), {})
        setattr(self, name, made)
        return made


def interface(name, **members):
    module = Interface(f"wit_world.imports.{name}")
    vars(module).update(members)
    sys.modules[module.__name__] = module
    setattr(imports, name, module)
    return module


imports = types.ModuleType("wit_world.imports")
sys.modules["wit_world"] = types.ModuleType("wit_world")
sys.modules["wit_world.imports"] = imports
sys.modules["componentize_py_types"] = types.ModuleType("componentize_py_types")
sys.modules["componentize_py_types"].Err = Err

answers = interface("types")
log = interface("log", Level=enum.Enum("Level", "TRACE DEBUG INFO WARN ERROR"), Field=Field)
config = interface("config")
process = interface("process", Variable=lambda name, value: (name, value))
children = interface("children", Channel=enum.Enum("Channel", "STDOUT STDERR"))
hook = interface("hook")
capability = interface("capability")
lifecycle = interface("lifecycle")
