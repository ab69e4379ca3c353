"""A page as a person without a mouse, a script or a style sheet would find it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self


@dataclass
class Field:
    """One form control."""

    kind: str
    name: str
    value: str
    described_by: str
    labelled: bool


@dataclass
class Page(HTMLParser):
    """What a test asks of a page."""

    language: str = ""
    title: str = ""
    heading: str = ""
    legend: str = ""
    text: str = ""
    fields: list[Field] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    labels_for: set[str] = field(default_factory=set)
    action: str | None = None
    _open: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, html: str) -> Self:
        page = cls()
        page.feed(html)
        return page

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self._open.append(tag)
        self._note(tag, found)
        if tag in {"input", "textarea"}:
            self._field(tag, found)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        for tag, name in (("title", "title"), ("h1", "heading"), ("legend", "legend")):
            if tag in self._open:
                setattr(self, name, getattr(self, name) + data)

    def hidden(self) -> dict[str, str]:
        """What travels with the form."""
        return {one.name: one.value for one in self.fields if one.kind == "hidden"}

    def choices(self) -> list[str]:
        """What can be chosen."""
        return [one.value for one in self.fields if one.kind in {"radio", "checkbox"}]

    def _note(self, tag: str, found: dict[str, str]) -> None:
        if tag == "html":
            self.language = found.get("lang", "")
        if "id" in found:
            self.ids.add(found["id"])
        if "role" in found:
            self.roles.append(found["role"])
        if tag == "label" and "for" in found:
            self.labels_for.add(found["for"])
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "form":
            self.action = found.get("action")
        if tag == "button":
            self.buttons.append(found.get("name", "submit"))

    def _field(self, tag: str, found: dict[str, str]) -> None:
        self.fields.append(
            Field(
                kind=found.get("type", tag),
                name=found.get("name", ""),
                value=found.get("value", ""),
                described_by=found.get("aria-describedby", ""),
                labelled="label" in self._open or found.get("id", "") in self.labels_for,
            )
        )
