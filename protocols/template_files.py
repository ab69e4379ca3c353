"""Template files: which one a message uses, what it says once filled, and which version that was.

The most specific file wins (`prepare.laser_hair.html` before `prepare.laser.html` before `prepare.html`), in the
patient's language before English; of two with the same name, the clinic's own comes before the shipped one.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
)
from jinja2.sandbox import SandboxedEnvironment

from domain.errors import BadInputError

SHIPPED_TEMPLATES: Final = Path(__file__).parent / "templates"
DEFAULT_LOCALE: Final = "en"
_LOCALE: Final = re.compile(r"([a-z]{2,3})(-[A-Z]{2})?")
_KEY: Final = re.compile(r"_?[a-z][a-z0-9_]*")
_HASH_LENGTH: Final = 12


def languages(locale: str) -> tuple[str, ...]:
    """Folders to look in: es-MX, es, en."""
    match = _LOCALE.fullmatch(locale.replace("_", "-"))
    found = (match[0], match[1]) if match else ()
    return tuple(dict.fromkeys((*found, DEFAULT_LOCALE)))


class TemplateFiles:
    """The shipped templates, and in front of them those in `templates/` of a clinic's own folder."""

    def __init__(self, folder: Path | None = None) -> None:
        own = [folder / "templates"] if folder is not None else []
        self.folders: Final = (*own, SHIPPED_TEMPLATES)
        self.environment: Final = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(place) for place in self.folders]),
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def find(self, key: str, kind: str, variants: tuple[str, ...], locale: str) -> str:
        """Name of the file to use, such as `es/day_0.laser.html`; BadInputError where there is none."""
        for name in _candidates(key, kind, variants, locale):
            if _KEY.fullmatch(key) and any((folder / name).is_file() for folder in self.folders):
                return name
        raise BadInputError(f"no template {key}.{kind} for {locale}; add templates/{DEFAULT_LOCALE}/{key}.{kind}")

    def keys(self, kind: str) -> set[str]:
        """Keys that have a file of this kind in any language."""
        files = (path for folder in self.folders for path in folder.glob(f"*/*.{kind}"))
        return {path.name.partition(".")[0] for path in files}

    def fill(self, name: str, variables: Mapping[str, object]) -> str:
        """The text of one file. BadInputError names the file and what it lacks."""
        try:
            return self.environment.get_template(name).render(variables)
        except TemplateSyntaxError as error:
            raise BadInputError(f"template {error.name}:{error.lineno}: {error.message}; mend the braces") from error
        except TemplateNotFound as error:
            raise BadInputError(f"template {name} includes {error.name}, which does not exist; add it") from error
        except TemplateError as error:
            raise BadInputError(f"template {name}: {error.message}; see the variables in docs/protocols.md") from error

    def version(self, *names: str) -> str:
        """Short hash of these files and of all that they include."""
        digest = hashlib.sha256()
        for name in sorted(self._with_parts(names)):
            digest.update(f"{name}\n{self.source(name)}\n".encode())
        return digest.hexdigest()[:_HASH_LENGTH]

    def source(self, name: str) -> str:
        """The file's own text."""
        assert self.environment.loader is not None
        return self.environment.loader.get_source(self.environment, name)[0]

    def _with_parts(self, names: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                parts = meta.find_referenced_templates(self.environment.parse(self.source(name)))
                waiting += [part for part in parts if part is not None]
        return found


def _candidates(key: str, kind: str, variants: tuple[str, ...], locale: str) -> Iterator[str]:
    for language in languages(locale):
        for variant in variants:
            yield f"{language}/{key}.{variant}.{kind}"
        yield f"{language}/{key}.{kind}"
