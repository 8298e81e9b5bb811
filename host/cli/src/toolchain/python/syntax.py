"""Reads a module and what it imports, and shows the first mistake of syntax: MODULE FOLDER..."""

import ast
import os
import re
import sys
import traceback

# The Python that a component has. An older one that looks here knows less.
CAPSULES = (3, 14)

# What an older Python may take for a mistake: in its line, or anywhere in the file.
NEWER_LINE = r"""^\s*(match|case|with)\b | \[[^]]*\*"""
NEWER_FILE = r"""
    ^\s*(async\s+)?(def|class)\s+\w+\s*\[ | ^\s*type\s+\w+ | \b[tT][rR]?["'] | \b[rR][tT]["']
    | ^\s*except\s*\* | ^\s*except\b[^:(]*,
"""
# A formatted string as far as an older Python reads it.
FORMATTED = r"""\b(?:[fF][rR]?|[rR][fF])(["'])(.*?)(?:\1|$)"""


def may_be_newer(error, text):
    if sys.version_info >= CAPSULES:
        return False
    lines = text.splitlines()
    first = max((error.lineno or 1) - 1, 0)
    last = max(getattr(error, "end_lineno", None) or 0, first + 1)
    place = "\n".join(lines[max(first - 1, 0) : last])
    flags = re.MULTILINE | re.VERBOSE
    if re.search(NEWER_LINE, place, flags) or re.search(NEWER_FILE, text, flags):
        return True
    formatted = (match[2] for match in re.finditer(FORMATTED, text, re.MULTILINE))
    return any(
        one.count("{") != one.count("}") or re.search(r"\{[^}]*[\\#]", one) for one in formatted
    )


def files(name):
    """The files that are read when a module is imported, its packages first."""
    parts = name.split(".")
    for folder in sys.argv[2:]:
        found = []
        for end in range(1, len(parts) + 1):
            path = os.path.normpath(os.path.join(folder, *parts[:end]))
            package = os.path.join(path, "__init__.py")
            one = package if os.path.isfile(package) else path + ".py"
            if not os.path.isfile(one):
                break
            found.append((".".join(parts[:end]), one, one == package))
        if found:
            return found
    return []


def imports(body, package):
    """The modules that statements import when they are run."""
    for one in body:
        if isinstance(one, ast.Import):
            yield from (alias.name for alias in one.names)
        elif isinstance(one, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - one.level]
            start = [*(above if one.level else []), *([one.module] if one.module else [])]
            base = ".".join(start)
            yield base
            yield from (f"{base}.{alias.name}" for alias in one.names)
        elif isinstance(one, (ast.Try, ast.With)):
            yield from imports(one.body, package)


def main():
    waiting, seen = [sys.argv[1]], set()
    while waiting:
        for name, path, is_package in files(waiting.pop()):
            if path in seen:
                continue
            seen.add(path)
            with open(path, "rb") as file:
                source = file.read()
            try:
                tree = ast.parse(source, path)
                compile(tree, path, "exec")
            except SyntaxError as error:
                if not may_be_newer(error, source.decode(errors="replace")):
                    sys.stderr.writelines(traceback.format_exception_only(error))
                    sys.exit(10)
                return
            package = name if is_package else name.rpartition(".")[0]
            waiting.extend(imports(tree.body, package))


main()
