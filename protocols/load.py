"""Finds, reads and checks protocols: the shipped ones and a clinic's own."""

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from domain.booking import Treatment
from domain.errors import BadInputError
from domain.protocol import Protocol
from protocols.checks import check
from protocols.explain_errors import explain
from protocols.findings import FindingsError, Severity, did_you_mean
from protocols.yaml_source import YamlSource, read_yaml

SHIPPED_FOLDER: Final = Path(__file__).parent
GROUPS: Final = (("lasers", tuple(treatment.value for treatment in Treatment if treatment.is_laser)),)
"""Words that stand for several treatments in a list."""
_SUFFIXES: Final = (".yaml", ".yml")
OTHER_DATA: Final = frozenset({"lint_words", "quiet_hours", "aftercare"})
"""Files beside the protocols that are none."""


def shipped() -> tuple[str, ...]:
    """Ids of the protocols that come with Healgate."""
    return _ids_in(SHIPPED_FOLDER)


def load_protocol(id_or_path: str | Path, folder: Path | None = None) -> Protocol:
    """A protocol by its id (the clinic's `folder` first, then the shipped ones) or by the path of its file.

    Raises BadInputError that names file, line and mend of everything that is wrong.
    """
    protocol, source = read_protocol(find_protocol(id_or_path, folder))
    errors = [finding for finding in check(protocol, source) if finding.severity is Severity.ERROR]
    if errors:
        raise FindingsError(errors)
    return protocol


def find_protocol(id_or_path: str | Path, folder: Path | None = None) -> Path:
    """The file of a protocol; BadInputError with the nearest known id otherwise."""
    name = str(id_or_path)
    if name.endswith(_SUFFIXES) or isinstance(id_or_path, Path):
        return Path(name)
    folders = [place for place in (folder, SHIPPED_FOLDER) if place is not None]
    for place in folders:
        if name in _ids_in(place):
            return next(path for suffix in _SUFFIXES if (path := place / f"{name}{suffix}").is_file())
    known = [each for place in folders for each in _ids_in(place)]
    mend = did_you_mean(name, known, f"known are {', '.join(known)}, or give the path of a .yaml file")
    raise BadInputError(f"there is no protocol {name!r}; {mend}")


def read_protocol(path: Path) -> tuple[Protocol, YamlSource]:
    """A file as a protocol, and where everything stands in it; only its shape is checked. Raises FindingsError."""
    source = read_yaml(path, GROUPS)
    try:
        return Protocol.model_validate(source.data), source
    except ValidationError as error:
        raise FindingsError(explain(source, error)) from error


def _ids_in(folder: Path) -> tuple[str, ...]:
    files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES) if folder.is_dir() else []
    return tuple(path.stem for path in files if path.stem not in OTHER_DATA)
