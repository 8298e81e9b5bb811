"""Imports the capsule's module, and has tracebacks name the files of the project.

componentize-py shows the project's folders to Python as /1, /2 and so on. In the finished component
there are no files, so that the lines which tracebacks quote are read here.
"""

import _imp
import linecache
import sys
from importlib.machinery import SourceFileLoader

import boll_project


def shown(path):
    """The path in the project of a file that componentize-py shows."""
    _, place, *rest = path.split("/", 2)
    if not rest or not place.isdigit() or place == "0":
        return None
    place = int(place) - 1
    if place >= len(boll_project.FOLDERS):
        return "site-packages/" + rest[0]
    return boll_project.FOLDERS[place] + rest[0]


def get_code(loader, name):
    path = shown(loader.get_filename(name))
    try:
        code = original(loader, name)
    except SyntaxError as error:
        error.filename = path or error.filename
        raise
    if code is None or path is None:
        return code
    _imp._fix_co_filename(code, path)
    if not path.startswith("site-packages/"):
        lines = loader.get_source(name).splitlines(keepends=True)
        # Without a time, nothing compares it with a file.
        linecache.cache[path] = (0, None, lines, path)
    return code


original, SourceFileLoader.get_code = SourceFileLoader.get_code, get_code
try:
    # The name that componentize-py was given stands for the capsule's own module.
    __import__(boll_project.MODULE)
    sys.modules[__name__] = sys.modules[boll_project.MODULE]
finally:
    SourceFileLoader.get_code = original
