"""The agenda of a journey: what is due now, when the next thing happens, and what became of messages."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from domain.journey.check_in import CheckIn
from domain.journey.course import DECEASED, Course
from domain.journey.events import DeliveryFailed, Outcome, SendAgain
from domain.journey.facts import MINUTE, Ask, Due, Facts, minute
from domain.journey.lateness import Lateness
from domain.journey.tasks import Tasks
from domain.journey.touchpoints import Touchpoints
from domain.journey.visits import Visits
from domain.messages import Channel
from domain.records import TaskCause, Urgency


class Agenda:
    """Puts everything that may be due into one order; nothing is scheduled ahead."""

    def __init__(
        self,
        facts: Facts,
        visits: Visits,
        check_in: CheckIn,
        touchpoints: Touchpoints,
        lateness: Lateness,
        tasks: Tasks,
        course: Course,
    ) -> None:
        self._facts = facts
        self._visits = visits
        self._check_in = check_in
        self._touchpoints = touchpoints
        self._lateness = lateness
        self._tasks = tasks
        self._course = course

    # When

    def due_now(self, now: datetime) -> list[Due]:
        """What is to be handed to `deliver` now: quiet hours and deferrals already moved the rest.

        What belongs to no step comes first: the text that introduces the line is the first one that a patient reads.
        """
        now = minute(now)
        if self._is_paused() or self._facts.cancelled == DECEASED:
            return []
        ready = [due for due in self._candidates(now) if self._ready_at(due, now) <= now]
        return [self._lateness.marked(due, now) for due in sorted(ready, key=lambda due: bool(due.step))]

    def next_moment(self, now: datetime) -> datetime | None:
        """The next whole minute at which something happens by itself, always ahead; None: nothing ever will."""
        now = minute(now)
        paused = self._is_paused()
        moments = [] if paused else [self._ready_at(due, now) for due in self._candidates(now)]
        moments += [] if paused else [self._allowed(moment) for moment in self._check_in.next_moments()]
        moments += [*self._tasks.next_moments(), *self._gate_moments(), *self._course.next_moments()]
        moments += self._lateness.next_moments()
        coming = min((moment for moment in moments if moment > now), default=None)
        return coming if coming is None or coming == minute(coming) else minute(coming) + MINUTE

    def next_label(self, now: datetime) -> str:
        """What the next moment is about, for the timer's summary."""
        planned = self.upcoming(now)
        moment = self.next_moment(now)
        return next((f"{due.key} {due.step}".strip() for due, at in planned if at == moment), "a date of the plan")

    def upcoming(self, now: datetime) -> list[tuple[Due, datetime]]:
        """What is planned as the facts stand, with its time."""
        now = minute(now)
        planned = [(due, self._ready_at(due, now)) for due in (*self._candidates(now), *self._check_in.planned())]
        return sorted(planned, key=lambda pair: (pair[1], pair[0].identity))

    def _is_paused(self) -> bool:
        """A pause ends with the journey: aftercare of what was done goes on, and nothing waits for ever."""
        return self._facts.paused and not self._facts.is_final

    def _candidates(self, now: datetime) -> list[Due]:
        return [*self._facts.queue, *self._check_in.dues(now), *self._touchpoints.pending()]

    def _ready_at(self, due: Due, now: datetime) -> datetime:
        """When it may go out: its time, now if it is late, or when `deliver` deferred it to; never in quiet hours."""
        at = max(now, due.due_at, self._facts.deferred.get(due.identity, due.due_at))
        if due.any_hour or at == self._facts.allowed.get(due.identity):
            return at
        hours, zone = self._facts.quiet_hours, self._facts.patient_zone
        allowed = min(hours.next_allowed(at, zone, channel) for channel in due.channels)
        return self._lateness.dealt_with(due, allowed)

    def _allowed(self, moment: datetime) -> datetime:
        return self._facts.quiet_hours.next_allowed(moment, self._facts.patient_zone)

    def _gate_moments(self) -> list[datetime]:
        """Midnights on which an interval ends, and instants at which a release lapses."""
        moments = []
        for gate in self._facts.gates.values():
            if gate.opens_on and not self._visits.treated(gate.step):
                moments.append(self._facts.calendar.at(gate.opens_on, time(0)))
            if gate.opening and gate.opening.opened_at and not self._visits.treated(gate.step):
                moments.append(gate.opening.opened_at + self._facts.plan.release_lapses_after)
        return moments

    # What became of messages

    def settled(self, due: Due, outcomes: Sequence[Outcome], now: datetime) -> None:
        """`deliver` came back: remember what was sent, ask on, or note that nobody could be asked."""
        waits = [outcome.until for outcome in outcomes if outcome.state == "deferred" and outcome.until]
        if waits:
            self._facts.deferred[due.identity] = max(min(waits), now + timedelta(minutes=1))
            quiet = [outcome.until for outcome in outcomes if outcome.until and outcome.reason == "quiet_hours"]
            if quiet:
                self._facts.allowed[due.identity] = min(quiet)
            return
        self._facts.queue = [queued for queued in self._facts.queue if queued.identity != due.identity]
        self._facts.deferred.pop(due.identity, None)
        self._facts.allowed.pop(due.identity, None)
        self._facts.approved.pop(due.identity, None)
        self._facts.sent[due.identity] = now
        self._facts.outcomes[due.identity] = tuple(
            f"{outcome.channel}:{outcome.state}" + (f":{outcome.reason}" if outcome.reason else "")
            for outcome in outcomes
        )
        if due.otherwise:
            self._facts.otherwise[due.identity] = due
        if due.calendar is not None and any(_may_have_it(outcome, Channel.EMAIL) for outcome in outcomes):
            self._facts.calendars[due.booking_id or ""] = due.calendar + 1
        if due.resends and any(outcome.state == "unknown" for outcome in outcomes):
            self._facts.resendable[due.identity] = due
        if any(outcome.state in ("accepted", "unknown") for outcome in outcomes):
            self._went_out(due, now)
        else:
            self._did_not_go_out(due, outcomes, now)

    def send_again(self, again: SendAgain) -> None:
        """Due once more, under the same ledger rows: only a row that the ledger has freed is posted."""
        for identity, due in list(self._facts.resendable.items()):
            this_one = (due.key, due.step, self._facts.occurrences[identity])
            if this_one == (again.key, again.step, again.occurrence):
                del self._facts.resendable[identity]
                self._facts.queue.append(due)

    def _went_out(self, due: Due, now: datetime) -> None:
        if due.key in ("invite", "stands"):
            gate = self._facts.gates[due.step]
            gate.invited_at = gate.invited_at or now
        if due.key == "moved" and due.booking_id and due.starts_at:
            self._facts.visits[due.booking_id].told_start = due.starts_at
        if due.ask_id.startswith("check_in:"):
            if self._check_in.still_asks(due):
                self._check_in.asked(due, now)
        elif due.question:
            ask = Ask(question=due.question, step=due.step, asked_at=now, starts_at=due.starts_at)
            self._facts.asks[f"{due.question}:{due.step}"] = ask

    def undelivered(self, failure: DeliveryFailed, now: datetime) -> bool:
        """Put what could not be delivered onto its other channel; False when it has none (left)."""
        touchpoint, step, occurrence = failure.identity.split(":")
        for identity, due in reversed(list(self._facts.otherwise.items())):
            about = (due.key, due.step) == (touchpoint, step) and failure.channel in due.channels
            # Histories from before 2026-11-26 name no occurrence: the newest was meant.
            if about and occurrence in ("", str(self._facts.occurrences.get(identity))):
                return self._on_other_channel(identity, now)
        return False

    def _on_other_channel(self, identity: str, now: datetime) -> bool:
        due = self._facts.otherwise.pop(identity)
        if due.otherwise is None or due.expires_at <= now:
            return False
        changes = {
            "channels": (due.otherwise,),
            "otherwise": None,
            "second_channel": True,
            "key": due.fallback_key or due.key if due.otherwise is Channel.SMS else due.key,
            "tag": f"{due.tag}.{due.otherwise}",
            "due_at": now,
        }
        self._facts.queue.append(due.model_copy(update=changes))
        return True

    def _did_not_go_out(self, due: Due, outcomes: Sequence[Outcome], now: datetime) -> None:
        reasons = {outcome.reason for outcome in outcomes}
        if "opted_out" in reasons:
            self._facts.opted_out = True
        refused = any(outcome.state == "rejected" for outcome in outcomes)
        if refused and due.otherwise and "opted_out" not in reasons and self._on_other_channel(due.identity, now):
            return
        if due.second_channel:
            self._tasks.raise_event(TaskCause.UNREACHABLE, Urgency.NEXT_WORKING_DAY, due.key)
        if not due.ask_id.startswith("check_in:") or not self._check_in.still_asks(due):
            return
        if self._facts.gates[due.step].check_in.in_progress:
            self._check_in.asked(due, self._facts.sent[due.identity])
        else:
            self._check_in.could_not_ask(due)

    def forget_the_past(self, now: datetime) -> None:
        """What is of no more use goes to no other channel."""
        useful = {identity: due for identity, due in self._facts.otherwise.items() if due.expires_at > now}
        self._facts.otherwise = useful

    def occurrence(self, due: Due) -> int:
        """The how-manieth message of this key and step: the same for every try of the same due."""
        self._facts.occurrences.setdefault(due.identity, 1 + self._given_out(due))
        return self._facts.occurrences[due.identity]

    def _given_out(self, due: Due) -> int:
        prefix = f"{due.key}:{due.step}:"
        return sum(1 for identity in self._facts.occurrences if identity.startswith(prefix))


def _may_have_it(outcome: Outcome, channel: Channel) -> bool:
    return outcome.channel is channel and outcome.state in ("accepted", "unknown")
