"""The fault plan: which requests and webhooks go wrong, and how. Seeded, so that a run can be repeated."""

import random
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Request = Literal["send", "lookup", "other"]
"""What a vendor is asked: to take a message, to list messages, or anything else."""
Where = Literal["before", "after_accept", "callback", "inbound"]
Kind = Literal[
    "refuse", "429", "500", "502html", "hang", "drop", "truncated", "dup", "shuffle", "delay", "bad_signature"
]

_ALLOWED: dict[str, set[str]] = {
    "before": {"refuse", "429", "500", "502html", "hang", "drop"},
    "after_accept": {"500", "502html", "hang", "drop", "truncated"},
    "callback": {"drop", "dup", "shuffle", "delay", "bad_signature"},
    "inbound": {"drop", "dup", "delay", "bad_signature"},
}


class Fault(BaseModel):
    """One rule. What it does not name matches everything; `count` None means for ever.

    `before`: the message is not accepted; `after_accept`: it is, but the answer goes wrong; `callback`: status
    callbacks and events; `inbound`: patients' texts. `refuse` shuts the sandbox's door at once for `seconds`.
    """

    model_config = ConfigDict(extra="forbid")

    where: Where
    kind: Kind
    channel: Literal["sms", "email"] | None = None
    number: str | None = None
    """The recipient's number or address."""
    body: str | None = None
    """Words that the message contains."""
    request: Request = "send"
    count: int | None = Field(default=1, ge=1)
    probability: float = Field(default=1.0, gt=0, le=1)
    seconds: float = Field(default=1.0, ge=0)
    """How long to hang, to delay, to stay refused (never scaled); Retry-After of a 429."""

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if self.kind not in _ALLOWED[self.where]:
            raise ValueError(f"{self.where} knows {', '.join(sorted(_ALLOWED[self.where]))}, not {self.kind}")
        return self

    def fits(self, event: "Event") -> bool:
        """Whether the rule speaks of this."""
        return (
            self.where == event.where
            and self.request == event.request
            and self.channel in {None, event.channel}
            and self.number in {None, event.number}
            and (self.body is None or self.body in event.body)
        )


class Event(BaseModel):
    """Something that may go wrong: a request, or a webhook about to be sent."""

    where: Where
    channel: Literal["sms", "email"]
    number: str = ""
    body: str = ""
    request: Request = "send"


class FaultPlan:
    """The rules in order; the first that fits and has its chance is used."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # repeatable, nothing secret
        self._rules: list[Fault] = []
        self.list_delay = 0.0
        """Seconds until an accepted message is found by a look-up."""
        self.redaction = False
        """Twilio's message redaction: no bodies, no last digits, no STOP handling."""

    def add(self, fault: Fault) -> None:
        """Put a rule at the end."""
        self._rules.append(fault.model_copy())

    def clear(self) -> None:
        """Everything works again."""
        self._rules.clear()
        self.list_delay, self.redaction = 0.0, False

    def pick(self, event: Event) -> Fault | None:
        """The fault that strikes now; uses up one of its count."""
        for rule in self._rules:
            if rule.fits(event) and self._random.random() < rule.probability:
                self._use(rule)
                return rule
        return None

    def shuffled(self, length: int) -> list[int]:
        """Some order of 0..length-1."""
        return self._random.sample(range(length), length)

    def _use(self, rule: Fault) -> None:
        if rule.count is None:
            return
        rule.count -= 1
        if rule.count == 0:
            self._rules.remove(rule)
