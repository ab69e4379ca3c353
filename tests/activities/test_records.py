"""What a journey says, as staff finds it in the tasks."""

from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.covering import Covering
from activities.post_office import PostOffice
from activities.records import Records
from activities.requests import GateSummary, RecordRequest
from domain.journey.events import TaskChanged
from domain.journey.facts import GateState, JourneyStage
from domain.records import TaskCause, Urgency
from protocols.render import Templates
from store import Store
from tests.fakes import RecordingEmail, RecordingSms
from tests.store.rows import CLINIC, NOW, a_clinic, a_journey, a_patient


@pytest.mark.parametrize(
    ("cause", "proposed"),
    [(TaskCause.TOO_EARLY, "2027-04-01"), (TaskCause.SAME_VISIT, "2027-04-01"), (TaskCause.GATE_SHUT, None)],
)
async def test_a_booking_that_cannot_stand_proposes_a_date(
    store: Store, cause: TaskCause, proposed: str | None
) -> None:
    """Too early, or on the day of the earlier treatment: the task says the first date that the plan allows."""
    await store.clinics.apply(a_clinic())
    await store.patients.add(a_patient())
    await store.journeys.reserve(a_journey())
    office = PostOffice(store.ledger, store.consents, Templates(), RecordingSms(), RecordingEmail())
    records = Records(store.journeys, store.tasks, store.audit, store.questions, Covering(office, store.clinics))
    due = NOW + timedelta(hours=8)
    change = TaskChanged(at=NOW, cause=cause, urgency=Urgency.SAME_DAY, due=due, detail="laser")
    request = RecordRequest(
        clinic_id=CLINIC,
        journey_id="j1",
        patient_id="p1",
        batch=1,
        at=NOW,
        changes=(change,),
        stage=JourneyStage.HEALING,
        gates={"laser": GateSummary(state=GateState.LOCKED, opens_on="2027-04-01")},
    )
    await ActivityEnvironment().run(records.record, request)
    [task] = await store.tasks.listing(CLINIC)
    assert (task.detail["why"], task.detail.get("proposed_date")) == ("laser", proposed)
