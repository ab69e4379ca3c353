"""One patient going through one plan: the clock and the hands of `domain.journey.Journey`.

Events come in as updates and change the facts at once; the loop records what follows, sends what is due, and waits.
"""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import Priority

with workflow.unsafe.imports_passed_through():
    from activities.messaging import Messaging
    from activities.records import Records
    from activities.requests import DeliverRequest, RecordRequest
    from domain.journey import Due, Journey, JourneyStage, begin
    from domain.journey.events import (
        BookingChange,
        BookingVerdict,
        ContactChange,
        DeliveryFailed,
        OtherProcedure,
        Reply,
        SendAgain,
        StaffAction,
        StaffResult,
        TreatedChange,
    )
    from domain.records import TaskCause
    from workflows import options, search_attributes
    from workflows.messages import (
        JourneyExplanation,
        JourneyResult,
        JourneyStart,
        JourneyView,
        Pulse,
        gate_summaries,
    )
    from workflows.view import details, explanation, view


FARTHEST_VISIT = timedelta(days=5 * 366)
CLOCKS_DIFFER = timedelta(seconds=1)
"""At most, between the hosts of a Temporal cluster."""


class StaleClockError(RuntimeError):
    """The SDK says a time at which what happened cannot have happened; never a failure of the journey itself."""


@workflow.defn(name="Journey")
class JourneyWorkflow:
    """Lives for months; a crash, a deployment or a long silence changes nothing in what it does."""

    @workflow.init
    def __init__(self, start: JourneyStart) -> None:
        self._start = start
        facts = start.facts or begin(
            start.plan, start.calendar, start.patient_zone, start.quiet_hours, start.deputies, self._now()
        )
        self._journey = Journey(facts)
        self._batch = start.batch
        self._recorded_stage: JourneyStage | None = None
        self._changed = False
        self._settled = False
        self._until: datetime | None = None
        self._journey.advance(self._now())

    @workflow.run
    async def run(self, start: JourneyStart) -> JourneyResult:  # noqa: ARG002 - taken by __init__, as the SDK asks for
        while not self._journey.is_over(self._now()):
            await self._record_what_changed()
            await self._send_what_is_due()
            if not self._journey.is_over(self._now()):
                await self._wait_for_the_next_moment()
            self._journey.advance(self._now())
            await self._start_afresh_when_history_grows_long()
        await self._record_what_changed(ended=True)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return JourneyResult(stage=self._journey.facts.stage, at=self._now())

    # The loop

    async def _record_what_changed(self, *, ended: bool = False) -> None:
        changes = self._journey.drain()
        if not changes and not ended and self._batch:
            return
        self._batch += 1
        facts = self._journey.facts
        request = RecordRequest(
            clinic_id=self._start.clinic_id,
            journey_id=self._start.journey_id,
            patient_id=self._start.patient_id,
            batch=self._batch,
            at=self._now(),
            changes=tuple(changes),
            stage=facts.stage,
            gates=gate_summaries(facts),
            ended=ended,
        )
        await workflow.execute_activity_method(
            Records.record,
            request,
            start_to_close_timeout=options.RECORD_TIMEOUT,
            retry_policy=options.RECORD_RETRY,
            summary=f"record {', '.join(sorted({change.kind for change in changes})) or 'start'}",
        )
        self._show(facts.stage)
        workflow.set_current_details(details(self._journey, self._now()))

    async def _send_what_is_due(self) -> None:
        while dues := self._journey.due_now(self._now()):
            await self._send(dues[0])
            await self._record_what_changed()

    async def _send(self, due: Due) -> None:
        request = DeliverRequest(
            clinic_id=self._start.clinic_id,
            journey_id=self._start.journey_id,
            patient_id=self._start.patient_id,
            due=due,
            occurrence=self._journey.occurrence(due),
            gate_open=self._journey.facts.gate_is_open(due.step),
            skew=self._start.skew,
        )
        result = await workflow.execute_activity_method(
            Messaging.deliver,
            request,
            task_queue=self._start.messaging_queue,
            start_to_close_timeout=options.SEND_TIMEOUT,
            retry_policy=options.SEND_RETRY,
            priority=Priority(fairness_key=self._start.clinic_id),
            summary=f"{due.key} {due.step}".strip(),
        )
        self._journey.settled(due, result.outcomes, self._now())

    async def _wait_for_the_next_moment(self) -> None:
        until = self._journey.next_moment(self._now())
        pause = until - self._clock() if until else None
        self._settled, self._until = True, until
        try:
            await workflow.wait_condition(
                lambda: self._changed, timeout=pause, timeout_summary=self._journey.agenda.next_label(self._now())
            )
        except TimeoutError:
            self._refuse_a_stale_clock(until)
        finally:
            self._settled = self._changed = False

    def _refuse_a_stale_clock(self, until: datetime | None) -> None:
        """Fail the workflow task, not the journey: it is tried again on the whole history, where the time is right.

        A query that meets a worker without the journey in memory may bring the fired timer with the time of the task
        before it. Carried on from there, the journey would wait its whole interval once more (decision 0021).
        """
        if until and self._clock() < until - CLOCKS_DIFFER:
            raise StaleClockError(f"the timer for {until} fired at {self._clock()}")

    async def _start_afresh_when_history_grows_long(self) -> None:
        if not workflow.info().is_continue_as_new_suggested():
            return
        await self._record_what_changed()
        await workflow.wait_condition(workflow.all_handlers_finished)
        start = self._start.model_copy(update={"facts": self._journey.facts, "batch": self._batch})
        workflow.continue_as_new(start)

    def _show(self, stage: JourneyStage) -> None:
        if stage is not self._recorded_stage:
            workflow.upsert_search_attributes([search_attributes.STAGE.value_set(stage.value)])
            self._recorded_stage = stage

    def _clock(self) -> datetime:
        return workflow.now() + self._start.skew

    def _now(self) -> datetime:
        return self._clock()

    # Events

    @workflow.update
    def booking(self, change: BookingChange) -> BookingVerdict:
        """A booking was made, moved, cancelled, missed or completed."""
        self._changed = True
        return self._journey.booking(change, self._now())

    @booking.validator
    def _check_booking(self, change: BookingChange) -> None:
        if abs(change.starts_at - self._now()) > FARTHEST_VISIT:
            raise ValueError("a visit more than five years away is a mistake; check its start")

    @workflow.update
    def treated(self, change: TreatedChange) -> bool:
        """A treatment was recorded as done, redated or taken back; False for an unknown booking."""
        self._changed = True
        return self._journey.treated(change, self._now(), self._request_id())

    @treated.validator
    def _check_treated(self, change: TreatedChange) -> None:
        if change.treated_at is not None and change.treated_at > self._now() + timedelta(days=1):
            raise ValueError("a treatment cannot be recorded as done in the future; give the day it was done")

    @workflow.update
    def reply(self, reply: Reply) -> bool:
        """A reply, read by the clinic's rules; False when it was applied before."""
        self._changed = True
        return self._journey.reply(reply, self._now())

    @workflow.update
    def staff(self, action: StaffAction) -> StaffResult:
        """A staff action: accepted, or refused with a reason. Both are in the audit."""
        self._changed = True
        return self._journey.act(action, self._now(), self._request_id())

    @staff.validator
    def _check_staff(self, action: StaffAction) -> None:
        if len(action.by) > 200 or len(action.reason) > 2000:
            raise ValueError("a name has at most 200 characters, a reason 2,000")

    @workflow.update
    def contact(self, change: ContactChange) -> None:
        """The contact opted out or in elsewhere."""
        self._changed = True
        self._journey.contact(change, self._now(), self._request_id())

    @workflow.update
    def other_procedure(self, change: OtherProcedure) -> None:
        """The clinic booked another procedure for the patient, or called it off."""
        self._changed = True
        self._journey.other_procedure(change, self._now(), self._request_id())

    @workflow.update
    def delivery_failed(self, failure: DeliveryFailed) -> None:
        """A message that a provider had accepted did not arrive."""
        self._changed = True
        self._journey.delivery_failed(failure, self._now(), self._request_id())

    @workflow.update
    def send_again(self, again: SendAgain) -> None:
        """Nobody knows whether a message was sent, and its touchpoint allows one more try."""
        self._changed = True
        self._journey.send_again(again, self._now())

    @workflow.update
    def close_task(self, cause: TaskCause) -> None:
        """Staff closed a task that an event had raised."""
        self._changed = True
        self._journey.close_task(cause, self._now())

    def _request_id(self) -> str:
        """The update's id: the server forgets it at continue-as-new, the journey does not."""
        update = workflow.current_update_info()
        return update.id if update else ""

    # Questions

    @workflow.query
    def state(self) -> JourneyView:
        """Stage, gates, visits, holds, tasks, and what comes next."""
        return view(self._journey, self._now())

    @workflow.query
    def explain(self) -> JourneyExplanation:
        """What was sent, what was not and why, what comes next and what would change it."""
        return explanation(self._journey, self._now())

    @workflow.query
    def replies_heard(self) -> int:
        """How many replies have been applied."""
        return len(self._journey.facts.applied)

    @workflow.query
    def pulse(self) -> Pulse:
        """Whether the journey waits, and until when."""
        now = self._now()
        # A query may come between the moment and its timer: then the journey is about to go on.
        waits = self._until is None or self._until > now
        settled = self._settled and waits and not self._changed
        return Pulse(
            settled=settled, now=now, next_moment=self._journey.next_moment(now), over=self._journey.is_over(now)
        )
