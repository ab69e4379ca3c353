"""What always holds, one predicate each, numbered as in the design, asserted on what was recorded and sent."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from domain.journey.facts import minute
from domain.messages import Channel
from domain.records import AuditEntry, MessageRow, MessageState, Task, TaskCause
from tests.journeys.books import Books
from tests.journeys.journey_clock import TOO_SLOW
from tests.replay.test_replay import replayer
from workflows.journey import JourneyWorkflow
from workflows.messages import JourneyView

ANSWERS = {
    "ack", "check_in", "check_in_done", "check_in_discomfort", "check_in_red_flags", "check_in_exposures", "crisis",
    "help", "invite", "opted_in", "opted_out", "stands", "urgent_safety",
}  # fmt: skip
"""What may answer the patient's own text, at night as well."""
KEYWORD_ANSWERS = {"opted_out", "opted_in", "help"}
ABOUT_AN_OPEN_GATE = {"stands", "invite", "moved", "pre_visit"}
ONCE = {"day_0", "day_7", "day_14"}
"""Care texts: once for each treatment that was recorded."""
VISIT = re.compile(r"[A-Z][a-z]{2}, [A-Z][a-z]{2} \d{1,2}, \d{1,2}:\d{2} [AP]M")
A_MINUTE = timedelta(minutes=1)
ATTEMPTS = 5
REMINDED_WITHIN = timedelta(days=10)


def open_gates_have_a_reason(books: Books, step: str, at: datetime) -> None:
    """1: an open gate is one that the oracle has nothing against."""
    if books.plan.step(step).previous is None or books.oracle.done(step) or not books.gates.get(step):
        return
    against = books.oracle.why_shut(step, minute(at))
    assert not against, f"1: {step} is open in spite of {against}"


def only_who_may_decides(action: str, by: str, role: str) -> None:
    """1: a gate is opened by a clinician, or by a deputy that the clinic named."""
    assert action not in ("release", "waive") or role == "clinician" or by == "Nurse Kim", f"1: {role} may not {action}"


def a_shut_gate_has_a_task(books: Books, view: JourneyView, tasks: Sequence[Task]) -> None:
    """2: a visit behind a shut gate, and an opt-out, are a person's work."""
    if view.stage.is_final:
        return
    causes = {task.cause for task in tasks}
    for step in books.plan.steps:
        if step.previous and not books.oracle.done(step.id) and not books.gates.get(step.id):
            assert causes or not books.oracle.planned(step.id), f"2: a visit for {step.id} behind a shut gate, no task"
            assert TaskCause.OPTED_OUT in causes or not books.opted_out, "2: nobody is told of an opt-out"


def one_open_task_per_cause(view: JourneyView, tasks: Sequence[Task]) -> None:
    """2: the store has each of the journey's tasks once, and none whose cause is gone."""
    stored = Counter(task.cause for task in tasks if task.cause is not TaskCause.RED_FLAG)
    wanted = Counter(task.cause for task in view.tasks if task.cause is not TaskCause.RED_FLAG)
    assert stored == wanted, f"2: open tasks are {sorted(stored)}, and there is cause for {sorted(wanted)}"


def nothing_reassuring_behind_a_shut_gate(books: Books, row: MessageRow) -> None:
    """2: neither 'your visit stands' nor a reminder goes out while the gate is shut."""
    if row.touchpoint in ABOUT_AN_OPEN_GATE and row.step:
        assert books.gates.get(row.step, True), f"2: {row.touchpoint} went out while the gate of {row.step} was shut"


def somebody_is_called(
    books: Books, at: datetime, entries: Iterable[AuditEntry], tasks: Iterable[Task], rows: Iterable[MessageRow]
) -> None:
    """3: an urgent reply makes a task, a page and one safety text (none after an opt-out) within a minute.

    Where the provider refuses the number, the ledger says so; the page asks to call the patient in any case.
    """
    pages = [one for one in entries if one.kind == "page" and minute(at) <= one.at <= at + A_MINUTE]
    assert pages, "3: nobody was paged"
    assert all(bool(page.data["phone_the_patient"]) == books.opted_out for page in pages), "3: told to phone, or not"
    flags = [task for task in tasks if task.cause is TaskCause.RED_FLAG]
    assert flags, "3: no task for a red flag"
    if not books.opted_out:
        texts = [row for row in rows if row.touchpoint in ("urgent_safety", "crisis")]
        opened = min(flag.opened_at for flag in flags)
        refused = any(row.state is MessageState.REJECTED and row.due_at >= opened for row in texts)
        assert refused or any(row.sent_at and row.sent_at >= opened for row in texts), "3: no safety text"


def nothing_goes_out_twice(posts: Sequence[str], rows: Iterable[MessageRow]) -> None:
    """5: a provider accepts each ledger row once, or as often as its touchpoint allows."""
    allowed = {row.id: 1 + row.resends for row in rows}
    copies = {post: count for post, count in Counter(posts).items() if count > allowed.get(post, 1)}
    assert not copies, f"5: a message was accepted {max(copies.values())} times"


def care_texts_come_once(books: Books, rows: Sequence[MessageRow]) -> None:
    """5: a touchpoint goes out once: the welcome for its journey, a care text for each recorded treatment."""
    sent = Counter((row.touchpoint, row.step, row.channel) for row in rows if row.sent_at)
    for (touchpoint, step, _), count in sent.items():
        times = sum(number for (about, _), number in books.recordings.items() if about == step)
        most = times if touchpoint in ONCE else 1 if touchpoint == "welcome" else count
        assert count <= most, f"5: {touchpoint} went out {count} times for {most} treatments of {step}"


def nothing_to_who_opted_out(books: Books, row: MessageRow) -> None:
    """6: who opted out gets no text, but for the one that confirms it."""
    confirms = row.touchpoint in KEYWORD_ANSWERS and row.sent_at == books.changed_mind_at
    text = row.channel is Channel.SMS and not confirms
    assert not (text and books.opted_out), f"6: {row.touchpoint} to a contact who opted out"


def nothing_at_night(books: Books, row: MessageRow) -> None:
    """6: at night nothing goes out but an answer to the patient's own text."""
    assert row.sent_at is not None
    answers = row.touchpoint in ANSWERS and books.just_texted(row.sent_at)
    assert answers or books.may_be_texted(row.sent_at), f"6: {row.touchpoint} at night, {row.sent_at}"


def nothing_about_an_old_time(books: Books, row: MessageRow) -> None:
    """6: a text that names a time names that of a visit which the clinic has, and a reminder comes some days before."""
    assert row.sent_at is not None
    ahead = books.ahead()
    planned = {f"{visit.starts_at.astimezone(books.zone):%a, %b %-d, %-I:%M %p}" for visit in ahead}
    named = set(VISIT.findall(row.body or ""))
    assert named <= planned, f"6: {row.touchpoint} speaks of {named - planned}, where the clinic has {planned}"
    near = any(visit.step == row.step and visit.starts_at - row.sent_at < REMINDED_WITHIN for visit in ahead)
    assert near or row.touchpoint != "pre_visit", f"6: {row.touchpoint} is far too early for {planned}"


def what_was_not_sent_has_its_reason(rows: Iterable[MessageRow]) -> None:
    """6: the ledger says why."""
    mute = [row.touchpoint for row in rows if row.state is MessageState.SKIPPED and not row.reason]
    assert not mute, f"6: no reason for {mute}"


def no_identifier_in(history: bytes, workflow_id: str, identifiers: Iterable[str]) -> None:
    """7: neither names, numbers, addresses nor words of the patient are in the history or in the id."""
    found = [who for who in identifiers if who.encode() in history or who in workflow_id]
    assert not found, f"7: {found} in the workflow's history"


async def replays(run: WorkflowHistory) -> None:
    """8: the code makes the same commands again."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            await replayer(JourneyWorkflow).replay_workflow(run)
        except NondeterminismError as error:
            raise AssertionError(f"8: the history does not replay: {error}") from error
        except RuntimeError as error:
            # A machine that is too busy to run a task within two seconds; a worker would try again, too.
            if TOO_SLOW not in str(error) or attempt == ATTEMPTS:
                raise
        else:
            return
