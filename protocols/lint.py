"""Looks at protocols and templates as a careful colleague would: `healgate check-protocol`."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from domain.errors import BadInputError
from domain.messages import Channel
from domain.protocol import Touchpoint
from protocols.aftercare import AFTERCARE_FILE, read_aftercare
from protocols.checks import check as check_parts
from protocols.findings import Finding, FindingsError, did_you_mean
from protocols.lint_templates import check_templates
from protocols.load import OTHER_DATA, read_protocol
from protocols.message_keys import ALWAYS_KEYS, ALWAYS_MAIL_KEYS, GATED_KEYS, GATED_MAIL_KEYS
from protocols.quiet_rules import QUIET_HOURS_FILE, read_quiet_rules
from protocols.template_files import DEFAULT_LOCALE, TemplateFiles
from protocols.yaml_source import Location, YamlSource

LOCALES: Final = ("en", "es")
"""Languages in which every message must exist; further ones are the clinic's choice."""


def check(path: Path) -> list[Finding]:
    """What to mend in a protocol file, or in a folder's protocols and templates, in the order of the files.

    Raises BadInputError when there is nothing to check.
    """
    folder = path if path.is_dir() else path.parent
    protocols = _protocol_files(path)
    has_templates = path.is_dir() and (path / "templates").is_dir()
    if not protocols and not has_templates:
        raise BadInputError(f"nothing to check at {path}; give a protocol file, or a folder with .yaml or templates/")
    files = TemplateFiles(folder)
    findings = [finding for each in protocols for finding in _protocol(each, files)]
    findings += _rules(folder) if path.is_dir() else ()
    if has_templates:
        findings += check_templates(path / "templates", files)
    return sorted(findings, key=lambda finding: (str(finding.file), finding.line))


def _protocol_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = [*path.glob("*.yaml"), *path.glob("*.yml")]
    return sorted(file for file in files if file.stem not in OTHER_DATA)


def _rules(folder: Path) -> Iterator[Finding]:
    readers: dict[str, Callable[[Path], object]] = {
        QUIET_HOURS_FILE: read_quiet_rules,
        AFTERCARE_FILE: partial(read_aftercare, locales=LOCALES),
    }
    for name, read in readers.items():
        try:
            _ = read(folder / name) if (folder / name).is_file() else None
        except FindingsError as error:
            yield from error.findings


def _protocol(path: Path, files: TemplateFiles) -> Iterator[Finding]:
    try:
        protocol, source = read_protocol(path)
    except FindingsError as error:
        yield from error.findings
        return
    yield from check_parts(protocol, source)
    for index, point in enumerate(protocol.touchpoints):
        yield from _templates_of(point, source, ("touchpoints", index), files)
    has_gate = bool(protocol.consecutive())
    for key in (*ALWAYS_KEYS, *(GATED_KEYS if has_gate else ())):
        yield from _missing(key, Channel.SMS, (), source, (), files)
    for key in (*ALWAYS_MAIL_KEYS, *(GATED_MAIL_KEYS if has_gate else ())):
        yield from _missing(key, Channel.EMAIL, (), source, (), files)


def _templates_of(point: Touchpoint, source: YamlSource, at: Location, files: TemplateFiles) -> Iterator[Finding]:
    variants = tuple(treatment.value for treatment in point.treatments)
    for channel in point.channels:
        yield from _missing(point.key, channel, variants, source, (*at, "key"), files)
    if point.fallback_key is not None:
        yield from _missing(point.fallback_key, Channel.SMS, (), source, (*at, "fallback_key"), files)


def _missing(
    key: str, channel: Channel, variants: tuple[str, ...], source: YamlSource, at: Location, files: TemplateFiles
) -> Iterator[Finding]:
    for kind in ("sms.txt",) if channel is Channel.SMS else ("html", "subject.txt"):
        gaps = (_gap(key, kind, variants, locale, files) for locale in LOCALES)
        for message, mend in dict.fromkeys(gap for gap in gaps if gap is not None):
            yield Finding(file=source.path, line=source.line_of(at), message=message, mend=mend)


def _gap(key: str, kind: str, variants: tuple[str, ...], locale: str, files: TemplateFiles) -> tuple[str, str] | None:
    """What is missing, and the mend."""
    try:
        name = files.find(key, kind, variants, locale)
    except BadInputError:
        mend = did_you_mean(key, files.keys(kind), f"add templates/{DEFAULT_LOCALE}/{key}.{kind}")
        return f"the message {key!r} has no {kind}", mend
    if name.startswith(f"{locale}/"):
        return None
    return f"{key!r} has no {kind} in {locale}", f"add templates/{locale}/{key}.{kind}"
