"""The patient of a scenario: which message gets which answer, and after how long."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sandbox.simulate.scenario import SimEvent

CHECK_IN = "check_in"
CHECK_IN_QUESTIONS = ("check_in_discomfort", "check_in_red_flags", "check_in_exposures")
ENDS = ("check_in_done", "invite", "stands")


@dataclass(frozen=True)
class Patience:
    """One answer and how long the patient takes."""

    text: str
    after: timedelta


@dataclass
class _Script:
    key: str
    after: timedelta
    left: list[str]

    def take(self) -> Iterator[Patience]:
        if self.left:
            yield Patience(self.left.pop(0), self.after)


class ReplyScripts:
    """`replies` answers the questions one after the other; the n-th event on a key answers its n-th sending.

    A question that a running dialogue answers is not a sending that an event on that question's key would wait for.
    """

    def __init__(self, events: Sequence[SimEvent]) -> None:
        self._waiting: dict[str, list[_Script]] = {}
        for event in events:
            if event.on is not None:
                script = _Script(event.on, event.after, list(event.replies or ()))
                self._waiting.setdefault(event.on, []).append(script)
        self._sendings: Counter[str] = Counter()
        self._talking: _Script | None = None
        self._last_question = ""

    def answers_to(self, key: str) -> Iterator[Patience]:
        """The answers that the sending of `key` calls forth."""
        asked_back = key == self._last_question and self._talking is not None
        if key in ENDS:
            self._talking, self._last_question = None, ""
        if key in CHECK_IN_QUESTIONS or (asked_back and key == CHECK_IN):
            self._last_question = key
            if self._talking and self._talking.left:
                yield from self._talking.take()
                return
            if asked_back:
                return
        self._sendings[key] += 1
        scripts = self._waiting.get(key, [])
        if self._sendings[key] > len(scripts):
            self._last_question = key if key == CHECK_IN else self._last_question
            return
        script = scripts[self._sendings[key] - 1]
        if key.startswith(CHECK_IN):
            self._talking = script
            self._last_question = key if key in CHECK_IN_QUESTIONS else CHECK_IN
        yield from script.take()
