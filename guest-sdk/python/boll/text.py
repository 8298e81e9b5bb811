"""Text for the host, which takes Unicode only: Python's own may have halves of surrogate pairs."""

import re

from .failure import Failure

_HALF = re.compile("[\ud800-\udfff]")


def well_formed(text: object) -> str:
    """The text, with U+FFFD for each half of a surrogate pair."""
    return _HALF.sub("\ufffd", str(text))


def name(text: object, what: str) -> str:
    """A text that the host takes as a name. With another character it would be another name."""
    text = str(text)
    if _HALF.search(text):
        raise Failure(f"{what} is not Unicode: it has half of a surrogate pair")
    return text
