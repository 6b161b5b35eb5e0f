"""HTML that cannot be forgotten to be escaped: text is escaped unless it is `Html` already."""

from collections.abc import Iterable
from html import escape


class Html(str):
    """Markup; whatever is joined to it becomes markup too, escaped where it was plain text."""

    __slots__ = ()

    def __add__(self, other: str) -> "Html":
        return Html(str.__add__(self, _escaped(other)))


def _escaped(text: str) -> str:
    return text if isinstance(text, Html) else escape(text)


def join(parts: Iterable[str]) -> Html:
    """The parts one after another."""
    return Html("".join(map(_escaped, parts)))


def tag(name: str, *inside: str, **attributes: str) -> Html:
    """An element; `class_` is written `class`."""
    written = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{written}>") + join(inside) + Html(f"</{name}>")


def words(text: str) -> Html:
    """A text in which what stands between backticks is code."""
    parts = text.split("`")
    return join(tag("code", part) if place % 2 else part for place, part in enumerate(parts))
