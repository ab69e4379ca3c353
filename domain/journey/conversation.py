"""The conversation: what a reply is about, and who takes it further."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.calendar import DAY
from domain.journey.check_in import CheckIn
from domain.journey.events import Change, QuestionsClosed, Reply
from domain.journey.facts import Ask, Due, Facts, Gate
from domain.journey.gate_keeper import GateKeeper
from domain.journey.tasks import Tasks
from domain.records import TaskCause, Urgency
from domain.replies import Label, Question

ACK_EVERY = timedelta(hours=12)
ANSWERED_BY_A_PERSON = (Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.CONCERN, Label.UNCLEAR)
NO_ANSWERS = (Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.OPT_IN)
"""Readings that leave an open check-in question open."""


class Conversation:
    """Hands each reply to the question it answers: the check-in's, a single one, or none."""

    def __init__(self, facts: Facts, gates: GateKeeper, check_in: CheckIn, tasks: Tasks, changes: list[Change]) -> None:
        self._facts = facts
        self._gates = gates
        self._check_in = check_in
        self._tasks = tasks
        self._changes = changes

    def take(self, reply: Reply, now: datetime) -> None:
        """Apply one reply that is more than a courtesy."""
        gate = self._check_in.is_about(reply, now)
        if gate and reply.label not in NO_ANSWERS:
            self._check_in.take(gate, reply, now)
            self._after_answer(gate, reply, now)
        elif ask := self._ask_of(reply):
            self._take_ask(ask, reply, now)
        else:
            self._take_unsolicited(reply, now)

    def close_questions(self, ask_ids: Sequence[str], now: datetime) -> None:
        """These askings no longer wait for an answer."""
        asks = tuple(ask_id for ask_id in ask_ids if ask_id)
        if asks:
            self._changes.append(QuestionsClosed(at=now, ask_ids=asks))

    def _after_answer(self, gate: Gate, reply: Reply, now: datetime) -> None:
        """Thank for a finished check-in, unless the page did or an opened gate says more."""
        check_in = gate.check_in
        finished = check_in.ended_at == now or (check_in.round and check_in.asked_at is None)
        if finished:
            self.close_questions([reply.ask_id], now)
        self._changes += self._gates.review_all(now)
        quiet = reply.by_page or reply.label in (Label.OPT_OUT, Label.URGENT) or gate.state.is_open
        if finished and not quiet:
            self._queue("check_in_done", now, step=gate.step, any_hour=True)

    def _ask_of(self, reply: Reply) -> Ask | None:
        if reply.question is None:
            return None
        return next(
            (a for key, a in self._facts.asks.items() if reply.ask_id.startswith(key) and a.question is reply.question),
            None,
        )

    def _take_ask(self, ask: Ask, reply: Reply, now: datetime) -> None:
        """An answer to early, final or pre_visit; a wish for a person or a worry is acknowledged."""
        if reply.label is Label.UNCLEAR:
            self._take_unsolicited(reply, now)
            return
        self._check_in.note(reply, about=ask.question.value, now=now)
        self._facts.asks.pop(f"{ask.question}:{ask.step}", None)
        if ask.question is Question.FINAL:
            self._facts.final_answered = True
        self.close_questions([reply.ask_id], now)
        if reply.label in ANSWERED_BY_A_PERSON:
            self._for_a_person(reply, now)

    def _take_unsolicited(self, reply: Reply, now: datetime) -> None:
        self._check_in.note(reply, about="unsolicited", now=now)
        if reply.label in ANSWERED_BY_A_PERSON:
            self._for_a_person(reply, now)

    def _for_a_person(self, reply: Reply, now: datetime) -> None:
        if any(worry.label is Label.URGENT for worry in self._facts.worries):
            # Somebody is being called about a red flag: no text may now promise a person for another day.
            self._tasks.raise_event(TaskCause.QUESTION, Urgency.SAME_DAY, reply.label.value)
            return
        if reply.label is Label.UNCLEAR:
            self._tasks.raise_event(TaskCause.UNREADABLE, Urgency.SAME_DAY, reply.rule)
        elif reply.label is not Label.CONCERN:
            self._tasks.raise_event(TaskCause.QUESTION, Urgency.NEXT_WORKING_DAY, reply.label.value)
        elif self._gates.next_gate() is None:
            self._tasks.raise_event(TaskCause.CONCERN, Urgency.NEXT_WORKING_DAY, reply.rule)
        due = self._facts.last_ack is None or now - self._facts.last_ack >= ACK_EVERY
        if due and not reply.acknowledged:
            self._facts.last_ack = now
            self._queue("ack", now, any_hour=True)

    def _queue(self, key: str, now: datetime, *, step: str = "", any_hour: bool = False) -> None:
        self._facts.queue.append(
            Due(
                key=key,
                step=step,
                tag=f"n{self._facts.number()}",
                due_at=now,
                expires_at=now + DAY,
                any_hour=any_hour,
            )
        )
