"""Validates the project's TOML files by the schemas in host/cli/schemas, by another
validator than those of editors, and sees that a mistyped key fails wherever a table is."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft7Validator

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
TYPO = "prgoram"


def schema(name):
    text = json.loads((ROOT / f"host/cli/schemas/{name}.json").read_text())
    Draft7Validator.check_schema(text)
    return Draft7Validator(text)


CAPSULE, CASES, OPERATOR = schema("capsule"), schema("cases"), schema("operator")


def documents():
    """What there is of each kind in the project: in files, and in pages of the book."""
    tracked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(tracked, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in names.stdout.splitlines():
        path = ROOT / name
        if name.endswith(".toml") and path.is_file():
            of_a_case = re.search(r"(examples|templates|guests)/.*/cases/[^/]*$", name)
            kind = CASES if of_a_case else CAPSULE if path.name == "Capsule.toml" else None
            if kind:
                yield name, kind, tomllib.loads(path.read_text().replace("{{id}}", "my-capsule"))
        # What the suite knows of a host is another kind of file.
        if re.fullmatch(r"README\.md|docs/[^/]*\.md", name) and name != "docs/conformance.md":
            blocks = re.findall(r"^```toml\n(.*?)^```", path.read_text(), re.S | re.M)
            for number, text in enumerate(blocks):
                # A block of a Cargo.toml.
                if re.search(r"^\[dependencies\]", text, re.M):
                    continue
                yield f"{name}, block {number + 1}", *part(text)
    yield "rare tables", *part("build = { tool = 'make' }\nservice = { ready-ms = 1 }\n")


def part(text):
    """A block of a page, with what a whole file has to have."""
    if re.search(r"^\[\[?case[\].]", text, re.M):
        whole = text if "[[case]]" in text else "[[case]]\nname = 'a'\n" + text
        return CASES, tomllib.loads(whole)
    document = tomllib.loads(text.replace("blake3:…", "any"))
    if re.search(r"^\[(capsule\..*|sandbox(\.variables)?|process|guest|log)\]", text, re.M):
        for entry in document.get("capsule", {}).values():
            entry.setdefault("digest", "any")
        return OPERATOR, document
    document.setdefault("capsule", {"id": "a", "version": "1.0.0"})
    return CAPSULE, document


def errors(kind, document):
    return list(kind.iter_errors(document))


def places(node, path=()):
    """The paths to the tables of a document that have no other keys than their own."""
    if node.get("additionalProperties") is False:
        yield path
    for key, below in node.get("properties", {}).items():
        if isinstance(below, dict):
            yield from places(below, (*path, key))
    if isinstance(node.get("additionalProperties"), dict):
        yield from places(node["additionalProperties"], (*path, None))
    if isinstance(node.get("items"), dict):
        yield from places(node["items"], (*path, 0))


def at(document, path):
    """The tables that a path leads to in a document."""
    if not path:
        return [document] if isinstance(document, dict) else []
    step, rest = path[0], path[1:]
    if step is None and isinstance(document, dict):
        below = list(document.values())
    elif step == 0 and isinstance(document, list):
        below = document
    elif isinstance(document, dict) and step in document:
        below = [document[step]]
    else:
        below = []
    return [table for one in below for table in at(one, rest)]


def main():
    wrong, seen, checked = [], {}, 0
    for name, kind, document in documents():
        checked += 1
        wrong += [f"{name}: {e.message} at {list(e.path)}" for e in errors(kind, document)]
        for path in places(kind.schema):
            for table in at(changed := copy.deepcopy(document), path):
                table[TYPO] = 1
                seen[id(kind), path] = True
                if not errors(kind, changed):
                    wrong.append(f"{name}: `{TYPO}` passes at {path}")
                del table[TYPO]
    for kind in (CAPSULE, CASES, OPERATOR):
        for path in places(kind.schema):
            if (id(kind), path) not in seen:
                wrong.append(f"{kind.schema['title']}: no document has a table at {path}")
    print(f"{checked} documents, {len(seen)} kinds of tables")
    sys.exit("\n".join(wrong) or None)


main()
