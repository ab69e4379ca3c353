"""Touchpoints of the plan: which messages are due when, computed anew from the facts each time.

Nothing is scheduled ahead, so a booking that moves, a treatment taken back or a gate that shuts needs no clean-up.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from domain.calendar import DAY, local
from domain.journey.facts import Due, Facts, Visit
from domain.journey.gate_keeper import STANDING_ORDER, GateKeeper
from domain.journey.visits import Visits
from domain.messages import Channel
from domain.protocol import Anchor, Late, SentBy, Touchpoint
from domain.records import BookingStatus
from domain.replies import Question

EXPOSURES_FRESH = timedelta(days=7)
"""`pre_visit` of a gated step is not asked when the exposures were answered this recently (the message plan)."""
PREPARE_DAYS_BEFORE = 14
"""The laser's preparation goes out with the invitation, or so long before a booked visit (the message plan)."""
MORNING = time(10)
PREPARE = "prepare"


class Touchpoints:
    """Everything that is due by plan, beside the check-in."""

    def __init__(self, facts: Facts, visits: Visits, gates: GateKeeper) -> None:
        self._facts = facts
        self._visits = visits
        self._gates = gates

    def pending(self) -> list[Due]:
        """All that may still be sent, earliest first; what was settled is left out."""
        dues = [due for due in self._all() if due.identity not in self._facts.sent]
        return sorted(dues, key=lambda due: (due.due_at, due.identity))

    def _all(self) -> Iterator[Due]:
        for point in self._facts.plan.touchpoints:
            yield from self._of(point)
        for gate in self._facts.gates.values():
            yield from self._of_gate(gate.step)
        for visit in self._facts.visits.values():
            yield from self._moved(visit)
            yield from self._called_off(visit)

    # By anchor

    def _of(self, point: Touchpoint) -> Iterator[Due]:
        if point.sent_by is SentBy.BOOKING_SYSTEM:
            return
        if point.anchor is Anchor.START:
            if not self._facts.cancelled:
                yield self._due(point, self._facts.started_at)
            return
        for visit in self._facts.visits.values():
            if point.treatments and visit.treatment not in point.treatments:
                continue
            if point.anchor is Anchor.TREATED:
                yield from self._after_treatment(point, visit)
            elif visit.is_live and not self._facts.cancelled:
                yield from self._before_visit(point, visit)

    def _before_visit(self, point: Touchpoint, visit: Visit) -> Iterator[Due]:
        if point.anchor is Anchor.BOOKED:
            if point.key == PREPARE and not self._prepares_at_booking(visit):
                return
            yield self._due(point, visit.booked_at + (point.after or timedelta()), visit, tag="booked", shared=True)
            return
        day = self._visits.day(visit.starts_at)
        if point.working_days_before is not None:
            days = [self._facts.calendar.previous_working_day(day, point.working_days_before)]
        else:
            days = [day + offset * DAY for offset in point.days]
        for when in days:
            if point.asks == "pre_visit" and self._exposures_known(visit, when):
                continue
            yield self._due(point, self._facts.calendar.at(when, point.clock), visit, tag=f"before-{day}")

    def _prepares_at_booking(self, visit: Visit) -> bool:
        """A gated step is prepared for with its invitation, or some weeks before; one that is held, not yet."""
        return self._facts.plan.step(visit.step).previous is None and self._facts.gate_is_open(visit.step)

    def _exposures_known(self, visit: Visit, when: date) -> bool:
        answered = self._facts.exposures_at
        gated = self._facts.plan.step(visit.step).previous is not None
        return gated and answered is not None and self._visits.day(answered) >= when - EXPOSURES_FRESH

    def _after_treatment(self, point: Touchpoint, visit: Visit) -> Iterator[Due]:
        if visit.treated_at is None or visit.recorded_at is None or not self._is_for(point, visit):
            return
        treated_on = self._visits.day(visit.treated_at)
        if point.after is not None:
            due = self._due(point, self._hours_after(point, visit.recorded_at), visit, tag=_series(visit))
            # Recorded late, the first day's care text has lost its use: that counts from the treatment itself.
            useful_until = visit.treated_at + DAY + point.useful_for
            times = {"due_at": min(due.due_at, useful_until), "expires_at": min(due.expires_at, useful_until)}
            due = due.model_copy(update=times)
            yield _aftercare(due, visit, treated_on)
            return
        for offset in self._days(point, visit):
            due_at = self._facts.calendar.at(treated_on + offset * DAY, point.clock)
            due = self._due(point, due_at, visit, tag=f"{_series(visit)}.d{offset}")
            yield _aftercare(due, visit, treated_on, f".d{offset}")

    def _is_for(self, point: Touchpoint, visit: Visit) -> bool:
        """The final question comes once, after the last step."""
        return point.asks != Question.FINAL.value or visit.step == self._facts.plan.steps[-1].id

    def _hours_after(self, point: Touchpoint, anchor: datetime) -> datetime:
        zone = self._facts.calendar.timezone
        due_at = anchor + (point.after or timedelta())
        wall = local(due_at, zone)
        same_day = wall.date() == local(anchor, zone).date()
        if same_day and (point.latest_clock is None or wall.time() <= point.latest_clock):
            return due_at
        return self._facts.calendar.at(local(anchor, zone).date() + DAY, point.clock)

    def _days(self, point: Touchpoint, visit: Visit) -> tuple[int, ...]:
        by_treatment = point.days_for.get(visit.treatment, point.days)
        by_skin = point.days_for_skin_types.get(self._facts.plan.slow_skin or 6, by_treatment)
        return max(by_treatment, by_skin)

    # By gate and by change

    def _of_gate(self, step: str) -> Iterator[Due]:
        live = self._visits.live(step)
        if self._visits.treated(step) or self._facts.cancelled:
            return
        yield from self._opened(step, live)
        if live:
            yield from self._shut(step, live)
        if self._facts.plan.step(step).previous:
            yield from self._prepare(step, live)

    def _opened(self, step: str, live: Visit | None) -> Iterator[Due]:
        gate = self._facts.gates[step]
        opening = gate.opening
        if not gate.state.is_open or opening is None or opening.opened_at is None:
            return
        told = {f"{key}:{step}:o{gate.openings}" for key in ("invite", "stands")}
        if told & self._facts.sent.keys():
            return
        check_in, by_rule = gate.check_in, opening.by == STANDING_ORDER
        answered = check_in.ended_at if check_in.answered else None
        read = not by_rule and answered is not None and answered <= opening.at
        yield Due(
            key="stands" if live else "invite",
            step=step,
            tag=f"o{gate.openings}",
            due_at=opening.opened_at,
            expires_at=live.starts_at if live else opening.opened_at + timedelta(days=7),
            treatment=live.treatment if live else None,
            booking_id=live.booking_id if live else None,
            starts_at=live.starts_at if live else None,
            variant="" if read else "standing_order",
            any_hour=by_rule and answered == opening.opened_at,
            needs_open_gate=True,
        )

    def _shut(self, step: str, live: Visit) -> Iterator[Due]:
        """A call before a visit behind a shut gate; nothing else is said about such a visit."""
        if self._facts.gates[step].state.is_open:
            return
        day = self._visits.day(live.starts_at)
        calendar = self._facts.calendar
        warn_on = calendar.previous_working_day(day, self._facts.plan.gate_shut_warning_working_days)
        yield Due(
            key="gate_shut",
            step=step,
            tag=f"{live.booking_id}.{day}",
            due_at=max(calendar.at(warn_on, MORNING), live.changed_at + self._facts.plan.settle),
            expires_at=live.starts_at,
            treatment=live.treatment,
            booking_id=live.booking_id,
            starts_at=live.starts_at,
            otherwise=Channel.EMAIL,
        )

    def _prepare(self, step: str, live: Visit | None) -> Iterator[Due]:
        """The preparation mail of a gated step: once, with the invitation or before the booked visit."""
        gate = self._facts.gates[step]
        first_allowed = self._gates.timing(self._facts.plan.step(step)).first_allowed
        if live and first_allowed and self._visits.day(live.starts_at) < first_allowed:
            return
        if live:
            day = self._visits.day(live.starts_at) - PREPARE_DAYS_BEFORE * DAY
            due_at = max(self._facts.calendar.at(day, MORNING), live.booked_at + self._facts.plan.settle)
            expires_at = live.starts_at
        elif gate.state.is_open and gate.opening and gate.opening.opened_at:
            due_at, expires_at = gate.opening.opened_at, gate.opening.opened_at + timedelta(days=7)
        else:
            return
        yield Due(
            key=PREPARE,
            step=step,
            tag="once",
            due_at=due_at,
            expires_at=expires_at,
            channels=(Channel.EMAIL,),
            fallback_key="link" if live else None,
            otherwise=Channel.SMS if live else None,
            calendar=self._calendar(live),
            treatment=live.treatment if live else self._facts.plan.step(step).usual_treatment,
            booking_id=live.booking_id if live else None,
            starts_at=live.starts_at if live else None,
        )

    def _moved(self, visit: Visit) -> Iterator[Due]:
        """A real change of time is announced once it has settled; a change back is no change."""
        if not visit.is_live or visit.starts_at == visit.told_start or self._facts.cancelled:
            return
        yield Due(
            key="moved",
            step=visit.step,
            tag=f"{visit.booking_id}.{visit.starts_at.isoformat()}.{visit.sequence}",
            due_at=visit.changed_at + self._facts.plan.settle,
            expires_at=min(visit.starts_at, visit.changed_at + 2 * DAY),
            treatment=visit.treatment,
            booking_id=visit.booking_id,
            starts_at=visit.starts_at,
            needs_open_gate=True,
            resends=1,
            channels=(Channel.SMS, Channel.EMAIL) if visit.booking_id in self._facts.calendars else (Channel.SMS,),
            calendar=self._calendar(visit),
        )

    def _called_off(self, visit: Visit) -> Iterator[Due]:
        """A visit that we put into the patient's calendar is taken out of it; the booking system says the rest."""
        sequence = self._facts.calendars.get(visit.booking_id)
        if sequence is None or visit.status is not BookingStatus.CANCELLED:
            return
        yield Due(
            key="visit_cancelled",
            step=visit.step,
            tag=f"{visit.booking_id}.{visit.sequence}",
            due_at=visit.changed_at + self._facts.plan.settle,
            expires_at=max(visit.starts_at, visit.changed_at + DAY),
            channels=(Channel.EMAIL,),
            treatment=visit.treatment,
            booking_id=visit.booking_id,
            calendar=sequence,
        )

    def _calendar(self, visit: Visit | None) -> int | None:
        return self._facts.calendars.get(visit.booking_id, 0) if visit else None

    def _due(
        self, point: Touchpoint, due_at: datetime, visit: Visit | None = None, tag: str = "", *, shared: bool = False
    ) -> Due:
        """`shared`: once per step whatever booking it is about."""
        expires_at = due_at + point.useful_for
        upcoming = visit if visit and visit.treated_at is None else None
        if upcoming:
            expires_at = min(expires_at, upcoming.starts_at)
        return Due(
            key=point.key,
            step=visit.step if visit else "",
            tag=tag if shared or visit is None or point.anchor is Anchor.TREATED else f"{visit.booking_id}.{tag}",
            due_at=due_at,
            expires_at=expires_at,
            channels=point.channels,
            fallback_key=point.fallback_key,
            treatment=visit.treatment if visit else None,
            booking_id=visit.booking_id if visit else None,
            starts_at=upcoming.starts_at if upcoming else None,
            question=Question(point.asks) if point.asks else None,
            ask_id=f"{point.asks}:{visit.step if visit else ''}:{tag}" if point.asks else "",
            needs_open_gate=point.needs_open_gate,
            resends=point.resends,
            skip_when_late=point.late is Late.SKIP,
            shift_to=point.clock if point.late is Late.SHIFT else None,
            asks_staff=point.late is Late.ASK_STAFF,
            otherwise=point.undelivered,
            calendar=self._calendar(upcoming) if point.key == PREPARE else None,
            alone=point.asks == Question.EXPOSURES.value,
        )


def _aftercare(due: Due, visit: Visit, treated_on: date, offset: str = "") -> Due:
    """Says of which day and time after it this is, so that treatments of one day share a message."""
    if due.question is Question.FINAL:
        return due
    moment = f"{treated_on}.t{visit.recordings}{offset}"
    return due.model_copy(update={"treated_on": treated_on, "moment": moment})


def _series(visit: Visit) -> str:
    """Names one treatment's aftercare."""
    return f"{visit.booking_id}.t{visit.recordings}"
