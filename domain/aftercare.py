"""Instructions after treatments as structured data, so that those of two treatments can be put together.

Treatments closer to each other than the plan's floor collide: their instructions hold at the same time. Of each topic
the strictest rule counts, until the latest day that any of them names.
"""

from datetime import date, timedelta

from domain.booking import Treatment
from domain.messages import Frozen
from domain.protocol import FLOOR, Code


class Done(Frozen):
    """A treatment, and the calendar day in the clinic's zone on which it was done."""

    treatment: Treatment
    on: date

    def collides_with(self, other: "Done") -> bool:
        """Nearer than the shortest interval that any plan allows."""
        return abs(self.on - other.on) < FLOOR


class Care(Frozen):
    """What a message about a treatment must keep in view: that one first, then those that collide with it."""

    done: tuple[Done, ...]
    on: date
    """The day on which the message goes out: what is over by then is left out."""

    @property
    def written(self) -> str:
        """The treatments with their days, such as `laser_ipl 2027-03-04,microneedling 2027-03-04`."""
        return ",".join(f"{done.treatment} {done.on}" for done in self.done)

    @classmethod
    def read(cls, written: str, on: date) -> "Care":
        """What `written` says, looked at on another day."""
        pairs = (each.split(" ") for each in written.split(","))
        done = (Done(treatment=Treatment(code), on=date.fromisoformat(day)) for code, day in pairs)
        return cls(done=tuple(done), on=on)


class Rule(Frozen):
    """One instruction in words, by language; `{until}` stands for the day on which it ends."""

    id: Code
    texts: dict[str, str]


class Topic(Frozen):
    """Something that instructions are about, such as make-up."""

    id: Code
    rules: tuple[Rule, ...]
    """From the mildest to the strictest."""


class Instruction(Frozen):
    """What one treatment asks for: a rule of a topic, for so many days."""

    topic: Code
    rule: Code
    days: int


class CareLine(Frozen):
    """A rule that holds, and until when."""

    rule: Rule
    until: date


class Aftercare(Frozen):
    """The instructions of all treatments."""

    topics: tuple[Topic, ...]
    """In the order in which a patient reads them."""
    treatments: dict[Treatment, tuple[Instruction, ...]]

    def lines(self, care: Care) -> tuple[CareLine, ...]:
        """The strictest rule of each topic that still holds, until the latest day that any treatment asks for."""
        return tuple(line for topic in self.topics if (line := self._line(topic, care)) is not None)

    def collide(self, care: Care) -> bool:
        """Whether the other treatments change what the first one's own instructions say."""
        alone = care.model_copy(update={"done": care.done[:1]})
        return self.lines(care) != self.lines(alone)

    def _line(self, topic: Topic, care: Care) -> CareLine | None:
        holding = [
            (instruction.rule, until)
            for done in care.done
            for instruction in self.treatments.get(done.treatment, ())
            if instruction.topic == topic.id and (until := done.on + timedelta(days=instruction.days)) >= care.on
        ]
        if not holding:
            return None
        named = {rule for rule, _ in holding}
        strictest = next(rule for rule in reversed(topic.rules) if rule.id in named)
        return CareLine(rule=strictest, until=max(until for _, until in holding))
