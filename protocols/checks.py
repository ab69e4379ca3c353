"""What a protocol's parts must agree on, beyond each part's own shape."""

from collections.abc import Iterator
from typing import Final

from domain.calendar import DAY
from domain.patient import Condition
from domain.protocol import Anchor, Late, Protocol, Release, Touchpoint
from protocols.findings import Finding, Severity, did_you_mean
from protocols.yaml_source import Location, YamlSource

ASKS: Final = ("early", "final", "pre_visit")
"""Questions that a touchpoint can open; the check-in opens its own."""


def check(protocol: Protocol, source: YamlSource) -> Iterator[Finding]:
    """Findings about one protocol; those of severity error keep it from being loaded."""
    yield from _steps(protocol, source)
    yield from _repeated(protocol, source)
    for index, touchpoint in enumerate(protocol.touchpoints):
        yield from _touchpoint(protocol, touchpoint, source, ("touchpoints", index))
    yield from _conditions(protocol, source)
    yield from _approval(protocol, source)


def _found(source: YamlSource, at: Location, message: str, mend: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(file=source.path, line=source.line_of(at), severity=severity, message=message, mend=mend)


def _steps(protocol: Protocol, source: YamlSource) -> Iterator[Finding]:
    for index, step in enumerate(protocol.steps):
        if step.usual_treatment not in step.treatments:
            at: Location = ("steps", index, "default_treatment")
            message = f"default_treatment {step.usual_treatment} is not one of the treatments of {step.id}"
            yield _found(source, at, message, did_you_mean(step.usual_treatment, step.treatments, "add it to the list"))


def _repeated(protocol: Protocol, source: YamlSource) -> Iterator[Finding]:
    """Two lines for one thing: which of them counts would depend on their order."""
    for named in (_modifiers(protocol), _pairs(protocol), _messages(protocol)):
        seen: set[str] = set()
        for at, name in named:
            if name in seen:
                yield _found(source, at, f"{name} is given twice", "keep one of them")
            seen.add(name)


def _modifiers(protocol: Protocol) -> Iterator[tuple[Location, str]]:
    for index, modifier in enumerate(protocol.modifiers):
        yield ("modifiers", index, "id"), modifier.id


def _pairs(protocol: Protocol) -> Iterator[tuple[Location, str]]:
    for index, interval in enumerate(protocol.intervals):
        for before in interval.before:
            yield ("intervals", index), f"{interval.after} to {before}"


def _messages(protocol: Protocol) -> Iterator[tuple[Location, str]]:
    for index, point in enumerate(protocol.touchpoints):
        for channel in point.channels:
            for treatment in point.treatments or _treatments(protocol):
                yield ("touchpoints", index, "key"), f"{point.key} ({channel}, {treatment})"


def _treatments(protocol: Protocol) -> tuple[str, ...]:
    return tuple(dict.fromkeys(treatment for step in protocol.steps for treatment in step.treatments))


def _touchpoint(protocol: Protocol, point: Touchpoint, source: YamlSource, at: Location) -> Iterator[Finding]:
    timings = [point.after is not None, bool(point.days), point.working_days_before is not None]
    if sum(timings) != 1:
        yield _found(source, at, f"{point.key} needs one time", "give exactly one of after, days, working_days_before")
    if point.working_days_before is not None and point.anchor is not Anchor.VISIT:
        yield _found(source, (*at, "anchor"), f"{point.key} counts days before a visit", "set anchor: visit")
    if point.anchor is not Anchor.VISIT and min(_all_days(point), default=0) < 0:
        yield _found(source, (*at, "days"), f"{point.key} lies before its anchor", "negative days need anchor: visit")
    if point.late is Late.SHIFT and point.useful_for <= DAY:
        message = f"{point.key} is shifted to the next morning, when it has expired"
        yield _found(source, (*at, "late"), message, "give it useful_for of more than a day")
    if point.asks is not None and point.asks not in ASKS:
        mend = did_you_mean(point.asks, ASKS, f"use one of {', '.join(ASKS)}")
        yield _found(source, (*at, "asks"), f"{point.key} asks an unknown question {point.asks!r}", mend)
    for treatment in point.treatments:
        if treatment not in _treatments(protocol):
            mend = did_you_mean(treatment, _treatments(protocol), "remove it, or add it to a step")
            yield _found(source, (*at, "treatments"), f"{point.key} is for {treatment}, which no step has", mend)


def _all_days(point: Touchpoint) -> list[int]:
    groups = (point.days, *point.days_for.values(), *point.days_for_skin_types.values())
    return [day for group in groups for day in group]


def _conditions(protocol: Protocol, source: YamlSource) -> Iterator[Finding]:
    ruled = {modifier.when.condition for modifier in protocol.modifiers}
    if free := [condition for condition in Condition if condition not in ruled]:
        message = f"nothing follows from {', '.join(free)}"
        yield _found(source, ("modifiers",), message, "add a modifier where something should", Severity.INFO)


def _approval(protocol: Protocol, source: YamlSource) -> Iterator[Finding]:
    if protocol.approved_by:
        return
    at = ("approved_by",)
    mend = "put the name of the clinician who approved this version into approved_by"
    yield _found(source, at, "nobody has approved this protocol: it runs in the sandbox only", mend, Severity.INFO)
    if protocol.release is Release.STANDING_ORDER:
        message = "a standing order without approval does not count: gates wait for a clinician"
        yield _found(source, ("release",), message, mend, Severity.WARNING)
