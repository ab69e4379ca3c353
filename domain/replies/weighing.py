"""What a concern weighs: more beside words that press, nothing beside an opt-out if it is a mood."""

from collections.abc import Mapping, Sequence

from domain.replies.combine import worded
from domain.replies.language import Finding, Heard
from domain.replies.reading import Label, Reading
from domain.replies.rulebook import RuleBook
from domain.replies.text import Token


class Weighing:
    """From findings to readings (docs/decisions/0019-what-presses.md)."""

    def __init__(self, rules: RuleBook) -> None:
        self._unhurried = rules.unhurried
        self._yielding = rules.yielding

    def readings(self, found: Sequence[Finding], heard: Mapping[str, Heard], words: Sequence[Token]) -> list[Reading]:
        """A reading of each finding; `heard` holds what each language that has words made of the text."""
        readings = [self._pressed(one, heard.get(one.language), words) for one in found]
        if all(one.label is not Label.OPT_OUT for one in readings):
            return readings
        return [self._yielded(reading, one.rule.id) for reading, one in zip(readings, found, strict=True)]

    def _pressed(self, finding: Finding, heard: Heard | None, words: Sequence[Token]) -> Reading:
        reading = worded(finding)
        return self.hurried(reading, finding.rule.id, heard, words) if heard and not finding.soft else reading

    def hurried(self, reading: Reading, rule: str, heard: Heard, words: Sequence[Token]) -> Reading:
        """The reading, urgent if it is a concern beside words that press: what began last night does not wait."""
        if reading.label is not Label.CONCERN or rule.startswith(self._unhurried) or not heard.pressing:
            return reading
        pressing = " ".join(words[at].raw for at in sorted(heard.pressing))
        update = {
            "label": Label.URGENT,
            "rule": f"{reading.rule}.pressing",
            "matched": f"{reading.matched} + {pressing}",
        }
        return reading.model_copy(update=update)

    def _yielded(self, reading: Reading, rule: str) -> Reading:
        """The reading beside an opt-out, to which a mood or another clinic gives way; its exposures stay."""
        gives_way = reading.label is Label.CONCERN and rule.startswith(self._yielding)
        return reading.model_copy(update={"label": Label.UNCLEAR}) if gives_way else reading
