"""Reads the instructions after treatments: the shipped ones, or a clinic's own in their place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from domain.aftercare import Aftercare
from protocols.explain_errors import explain
from protocols.findings import Finding, FindingsError, did_you_mean
from protocols.lint_words import forbidden
from protocols.yaml_source import Location, YamlSource, read_yaml

AFTERCARE_FILE: Final = "aftercare.yaml"
SHIPPED_AFTERCARE: Final = Path(__file__).with_name(AFTERCARE_FILE)
MEND: Final = "say it in other words, or leave it out"


def load_aftercare(folder: Path | None = None) -> Aftercare:
    """The file in the clinic's `folder` where it has one, else the shipped one. Raises FindingsError."""
    own = folder / AFTERCARE_FILE if folder is not None else None
    return read_aftercare(own if own is not None and own.is_file() else SHIPPED_AFTERCARE)


def read_aftercare(path: Path, locales: tuple[str, ...] = ("en",)) -> Aftercare:
    """One file, whose texts must be there in these languages. FindingsError names file and line of what is wrong."""
    source = read_yaml(path)
    try:
        aftercare = Aftercare.model_validate(source.data)
    except ValidationError as error:
        raise FindingsError(explain(source, error)) from error
    if findings := [*_unknown(aftercare, source), *_wording(aftercare, source, locales)]:
        raise FindingsError(findings)
    return aftercare


def _unknown(aftercare: Aftercare, source: YamlSource) -> Iterator[Finding]:
    """An instruction that names no rule would silently never be said."""
    rules = {topic.id: [rule.id for rule in topic.rules] for topic in aftercare.topics}
    for treatment, instructions in aftercare.treatments.items():
        for index, asked in enumerate(instructions):
            at = ("treatments", treatment.value, index)
            if asked.topic not in rules:
                yield _found(source, at, f"no topic {asked.topic!r}", did_you_mean(asked.topic, rules, "add it"))
            elif asked.rule not in rules[asked.topic]:
                mend = did_you_mean(asked.rule, rules[asked.topic], "add it to the topic")
                yield _found(source, at, f"{asked.topic} has no rule {asked.rule!r}", mend)


def _wording(aftercare: Aftercare, source: YamlSource, locales: tuple[str, ...]) -> Iterator[Finding]:
    for topic_index, topic in enumerate(aftercare.topics):
        for rule_index, rule in enumerate(topic.rules):
            at = ("topics", topic_index, "rules", rule_index)
            for locale in locales:
                if locale not in rule.texts:
                    yield _found(source, at, f"{topic.id}.{rule.id} has no text in {locale}", f"add {locale} to texts")
            for locale, text in rule.texts.items():
                for word in forbidden(text, locale[:2], visible=False):
                    yield _found(source, (*at, "texts", locale), f"{word.text!r} ({word.category})", MEND)


def _found(source: YamlSource, at: Location, message: str, mend: str) -> Finding:
    return Finding(file=source.path, line=source.line_of(at), message=message, mend=mend)
