"""What the book needs beside the pages of docs/: the contract as a page, and links to
files of the project that are outside of docs/ as their paths. The pages themselves link
to these files, for whoever reads them where they are."""

import os
import re
import textwrap
from pathlib import Path

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
WIT = ROOT / "wit"
LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#\s]*)(#[^)\s]*)?\)", re.DOTALL)
BLOCK = re.compile(r"(interface|world) ([\w-]+) \{$")
NAME = re.compile(
    r"(?:record|variant|enum|flags|type|resource) %?([\w-]+)|%?([\w-]+): (?:async )?func"
)
FENCE = re.compile(r"^(```.*?^```)", re.DOTALL | re.MULTILINE)


def on_files(files, config):
    files.append(File.generated(config, "reference/wit.md", content=contract()))
    return files


def on_page_markdown(markdown, page, config, files):
    folder = (Path(config.docs_dir) / page.file.src_uri).parent

    def shown(link):
        text, target = link.group(1), link.group(2)
        path = Path(os.path.normpath(folder / target))
        if path.is_relative_to(config.docs_dir):
            return link.group(0)
        if not path.exists():
            raise PluginError(f"{page.file.src_uri}: {target} is not there")
        name = path.relative_to(ROOT).as_posix()
        return f"`{name}`" if text.strip("`") in name else f"{text} (`{name}`)"

    parts = FENCE.split(markdown)
    return "".join(p if p.startswith("```") else LINK.sub(shown, p) for p in parts)


def contract():
    """The WIT packages as a page: an item's documentation as text, its declaration as code."""
    page = ["# The contract in WIT\n", "The packages of `wit/`, as they are.\n"]
    for file in [WIT / "world.wit", *sorted(WIT.glob("deps/*/*.wit"))]:
        page.append(f"## {file.relative_to(WIT).as_posix()}\n")
        page.extend(rendered(file.read_text()))
    # Declarations without words between them are one block.
    return re.sub(r"```\n\s*```wit\n", "", "\n".join(page))


def rendered(text):
    """An interface or a world is a heading. Each declaration in it is a block of code,
    below its name and its documentation."""
    docs, code, depth = [], [], 0
    for line in text.splitlines():
        said = line.strip()
        block = BLOCK.match(said)
        if not code and said.startswith("///"):
            docs.append(said[3:].strip())
        elif not code and block:
            yield f"### {block[1]} `{block[2]}`\n\n" + "\n".join(docs) + "\n"
            docs = []
        elif code or said not in ("", "}"):
            code.append(line)
            declared = said.split("//")[0]
            depth += declared.count("{") - declared.count("}")
            if depth == 0 and declared.rstrip().endswith((";", "}")):
                name = NAME.match(code[0].strip())
                if name:
                    yield f"#### {name[1] or name[2]}\n"
                yield "\n".join(docs) + "\n"
                yield "```wit\n" + textwrap.dedent("\n".join(code)) + "\n```\n"
                docs, code = [], []
    if docs or code:
        raise PluginError(f"WIT that is not understood: {docs or code}")
