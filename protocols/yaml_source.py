"""Reads YAML as plain data that remembers its lines, and refuses what a protocol never needs.

No tags, no anchors, no aliases (so no alias bombs), no duplicate keys, bounded size and depth.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from protocols.findings import Finding, FindingsError

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 12
_TAG: Final = "tag:yaml.org,2002:"
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,9}")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]{1,9}\.[0-9]{0,9}")

Scalar = str | int | float | bool | None
Location = tuple[str | int, ...]
"""Where a value stands: keys and list positions from the top."""
Groups = tuple[tuple[str, tuple[str, ...]], ...]
"""Words that stand for several in a list, each with its members."""


@dataclass(frozen=True)
class YamlSource:
    """A file's data, and the line of every key and list item."""

    path: Path
    data: object
    lines: Mapping[Location, int]

    def line_of(self, location: Sequence[str | int]) -> int:
        """The line of the value at `location`, or of the nearest place above it that the file has."""
        for length in range(len(location), 0, -1):
            if (line := self.lines.get(tuple(location[:length]))) is not None:
                return line
        return 1


def read_yaml(path: Path, groups: Groups = ()) -> YamlSource:
    """Read a file; a list item that names one of `groups` stands for its members. Raises FindingsError."""
    return parse_yaml(path, _text(path), groups)


# A file is read at every use, so that a clinic's edit counts at once; parsing it takes 0.1 s, hence once for each text.
@lru_cache(maxsize=32)
def parse_yaml(path: Path, text: str, groups: Groups = ()) -> YamlSource:
    """As `read_yaml`, for a text that is at hand; `path` is only named in findings. Nobody changes what comes back."""
    reader = _Reader(path, dict(groups))
    try:
        reader.refuse_what_is_not_needed(text)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise reader.refused(
            mark.line if mark else 0, f"not readable as YAML: {error.problem}", "check indentation, quotes and colons"
        ) from error
    except YAMLError as error:
        raise reader.refused(0, "not readable as YAML", "remove characters that are not plain text") from error
    if root is None:
        raise reader.refused(0, "the file is empty", "start from one of the shipped protocols")
    return YamlSource(path, reader.value(root, ()), reader.lines)


def _text(path: Path) -> str:
    refused = _Reader(path).refused
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise refused(0, "the file cannot be read", "check its name and permissions") from error
    if len(raw) > MAX_BYTES:
        raise refused(0, f"the file is larger than {MAX_BYTES} bytes", "split it into several protocols")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(raw.count(b"\n", 0, error.start), "the text is not UTF-8", "save the file as UTF-8") from error


@dataclass
class _Reader:
    path: Path
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lines: dict[Location, int] = field(default_factory=dict)

    def refused(self, line: int, message: str, mend: str) -> FindingsError:
        return FindingsError([Finding(file=self.path, line=line + 1, message=message, mend=mend)])

    def refuse_what_is_not_needed(self, text: str) -> None:
        """Looks at the flat stream of events, so that no bomb or deep nesting is ever built."""
        depth = 0
        for event in YAML(typ="safe", pure=True).parse(text):
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise self.refused(event.start_mark.line, "nested too deeply", "flatten it")
            if getattr(event, "anchor", None):
                raise self.refused(event.start_mark.line, "anchors (&) and aliases (*) are not read", "write it out")
            if tag := getattr(event, "tag", None):
                raise self.refused(event.start_mark.line, f"the tag {tag} is not read", "remove the tag")

    def value(self, node: Node, location: Location) -> object:
        self.lines.setdefault(location, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, location)
        if isinstance(node, SequenceNode):
            return self._sequence(node, location)
        return _scalar(node)

    def _mapping(self, node: MappingNode, location: Location) -> dict[str | int, object]:
        found: dict[str | int, object] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node) if isinstance(key_node, ScalarNode) else None
            line = key_node.start_mark.line
            if isinstance(key, bool) or not isinstance(key, str | int):
                raise self.refused(line, "this key is not a word", "write a plain word before the colon")
            if key in found:
                raise self.refused(line, f"{key!r} is given twice", "keep one of them")
            self.lines[(*location, key)] = line + 1
            found[key] = self.value(value_node, (*location, key))
        return found

    def _sequence(self, node: SequenceNode, location: Location) -> list[object]:
        found: list[object] = []
        for item in self._members(node):
            found.append(self.value(item, (*location, len(found))))
        return found

    def _members(self, node: SequenceNode) -> Iterator[Node]:
        for item in node.value:
            names = self.groups.get(item.value) if isinstance(item, ScalarNode) else None
            if names is None:
                yield item
            else:
                yield from (ScalarNode(f"{_TAG}str", name, item.start_mark, item.end_mark) for name in names)


def _scalar(node: Node) -> Scalar:
    text = str(node.value)
    match str(node.tag).removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" if _DECIMAL.fullmatch(text):
            return float(text)
    return text
