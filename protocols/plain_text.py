"""The plain-text twin of an e-mail, made from its HTML so that the two never differ."""

from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset({"h1", "h2", "h3", "p", "ul", "ol", "div", "table", "tr", "footer", "main"})
_ITEM: Final = "\ue000"
"""Marks a list item until white space has been folded; a private character, which no text has."""
_UNSEEN: Final = frozenset({"head", "style", "title"})


def plain_text(html: str) -> str:
    """Paragraphs apart by empty lines, list items with a dash, links followed by their address."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    paragraphs = (" ".join(part.split()) for part in "".join(reader.parts).split("\n\n"))
    return "\n\n".join(_item_lines(paragraph) for paragraph in paragraphs if paragraph)


def _item_lines(paragraph: str) -> str:
    return "\n- ".join(part.strip() for part in paragraph.split(_ITEM)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "li":
            self.parts.append(_ITEM)
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self._link.startswith("http"):
            self.parts.append(f" {self._link}")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
