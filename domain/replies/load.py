"""Reads the rules from YAML files: rules.yaml, and for each language one file or a folder of files."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from domain.errors import BadInputError
from domain.replies.reader import ReplyReader
from domain.replies.rulebook import RuleBook

SHIPPED = Path(__file__).resolve().parents[2] / "protocols" / "replies"


def load_reader(folder: Path | None = None) -> ReplyReader:
    """A reader of the rules in `folder`, the shipped ones without it. Raises BadInputError for broken files."""
    return ReplyReader(load_rules(folder)) if folder else _shipped()


@cache
def _shipped() -> ReplyReader:
    """One for the process: it keeps nothing of what it read, and takes seconds to build."""
    return ReplyReader(load_rules(SHIPPED))


def load_rules(folder: Path) -> RuleBook:
    """Raises BadInputError that names the file and what is wrong in it."""
    rules = _parse(folder / "rules.yaml")
    others = (path for path in folder.iterdir() if path.is_dir() or (path.suffix == ".yaml" and path.stem != "rules"))
    languages = [_joined(path) if path.is_dir() else _parse(path) for path in sorted(others)]
    try:
        return RuleBook.model_validate({**rules, "lexicons": languages})
    except ValidationError as error:
        raise BadInputError(f"The reply rules in {folder} do not hold together: {error}") from error


def _joined(folder: Path) -> dict[str, Any]:
    """One language from the files of a folder. Raises BadInputError where two files say the same thing."""
    joined: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        for section, said in _parse(path).items():
            known = joined.setdefault(section, {} if isinstance(said, dict) else said)
            if known is said:
                continue
            if not isinstance(known, dict) or not isinstance(said, dict) or not known.keys().isdisjoint(said):
                raise BadInputError(f"{path} repeats a part of '{section}'; each stands in one file of its language")
            known |= said
    return joined


def _parse(path: Path) -> dict[str, Any]:
    try:
        loaded = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path} cannot be read: {error}") from error
    except YAMLError as error:
        raise BadInputError(f"{path} is not YAML: {error}") from error
    if not isinstance(loaded, dict):
        raise BadInputError(f"{path} is empty; it has to be a mapping")
    return loaded
