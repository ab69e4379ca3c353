"""Round trips of every kind of payload through a real server, and a look into its database."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue, WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from runtime.embedded import EmbeddedTemporal
from runtime.encryption import HealgateCodec
from runtime.key_ring import KeyRing
from runtime.state import StateDir
from tests.runtime.encrypted_workflow import Child, Everything, Note, echo, fail

pytestmark = pytest.mark.slow

QUEUE = "encryption"
MARKER = "Zebulon-Quixote-5550006"


@pytest.fixture(scope="module")
async def worker(client: Client) -> AsyncIterator[None]:
    """A worker for the workflow of these tests."""
    async with Worker(client, task_queue=QUEUE, workflows=[Everything, Child], activities=[echo, fail]):
        yield


@pytest.fixture(scope="module")
async def running(client: Client, worker: None) -> WorkflowHandle[Everything, Note]:
    """The workflow in its second run, with a memo, a summary and details."""
    handle = await client.start_workflow(
        Everything.run,
        Note(text=MARKER),
        id=f"everything-{uuid.uuid4().hex}",
        task_queue=QUEUE,
        memo={"start": f"start-memo {MARKER}"},
        static_summary=f"static-summary {MARKER}",
        static_details=f"static-details {MARKER}",
        start_signal="hear",
        start_signal_args=[Note(text=f"signalled {MARKER}")],
    )
    await _second_run(handle)
    return client.get_workflow_handle_for(Everything.run, handle.id)


async def _second_run(handle: WorkflowHandle[Everything, Note]) -> None:
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_execution_continued_as_new_event_attributes"):
            return


async def test_queries_updates_and_signals_round_trip(running: WorkflowHandle[Everything, Note]) -> None:
    """Arguments and results of queries and updates come back as they went."""
    await running.signal(Everything.hear, Note(text=f"again {MARKER}"))
    asked = await running.query(Everything.note_now, Note(text="asked"))
    answered = await running.execute_update(Everything.answer, Note(text=f"answered {MARKER}"), id="SM1")
    fetched = await running.get_update_handle_for(Everything.answer, "SM1").result()
    assert (asked.text, answered.text, fetched) == (f"{MARKER} + asked", f"answered {MARKER}", answered)


async def test_a_failed_update_tells_its_message_to_us_alone(running: WorkflowHandle[Everything, Note]) -> None:
    """The failure's text is readable for the caller, which has the key."""
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await running.execute_update(Everything.refuse, Note(text=MARKER))
    assert str(caught.value.cause) == f"Refused: refused {MARKER}"


async def test_memo_and_summaries_are_readable_with_the_key(
    client: Client, running: WorkflowHandle[Everything, Note]
) -> None:
    """Describe decodes the memo, also of a run after continue-as-new, and the summary and details of the first run."""
    described = await running.describe()
    memo = await described.memo()
    first = await client.get_workflow_handle(running.id, run_id=described.raw_info.first_run_id).describe()
    assert memo == {"carried": f"carried-memo {MARKER}", "upserted": f"upserted-memo {MARKER}"}
    assert await first.memo_value("start") == f"start-memo {MARKER}"
    assert await first.static_summary() == f"static-summary {MARKER}"
    assert await first.static_details() == f"static-details {MARKER}"


async def test_update_with_start_round_trips(client: Client, worker: None) -> None:
    """Both halves of an update-with-start are bound to the workflow that it starts."""
    start = WithStartWorkflowOperation(
        Everything.run,
        Note(text="started", run=1),
        id=f"with-start-{uuid.uuid4().hex}",
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    answer = await client.execute_update_with_start_workflow(
        Everything.answer, Note(text="first words"), start_workflow_operation=start
    )
    handle = await start.workflow_handle()
    await handle.execute_update(Everything.end)
    result = await handle.result()
    assert (answer.text, result.text) == ("first words", " | Planned: message started")


async def test_a_schedule_reads_what_it_was_given(client: Client, worker: None) -> None:
    """A scheduled run, whose id has a timestamp appended, decodes arguments that were bound to the schedule's id."""
    action = ScheduleActionStartWorkflow(
        Child.run, Note(text=f"scheduled {MARKER}"), id=f"nightly-{uuid.uuid4().hex}", task_queue=QUEUE
    )
    schedule = await client.create_schedule(
        f"schedule-{uuid.uuid4().hex}", Schedule(action=action, spec=ScheduleSpec()), trigger_immediately=True
    )
    started = await _first_action(client, schedule.id)
    result = await client.get_workflow_handle(started, result_type=Note).result()
    described = await schedule.describe()
    await schedule.delete()
    assert isinstance(described.schedule.action, ScheduleActionStartWorkflow)
    assert started.startswith(f"{action.id}-")
    assert result == Note(text=f"scheduled {MARKER}")


async def _first_action(client: Client, schedule_id: str) -> str:
    handle = client.get_schedule_handle(schedule_id)
    while True:
        for result in (await handle.describe()).info.recent_actions:
            assert isinstance(result.action, ScheduleActionExecutionStartWorkflow)
            return result.action.workflow_id
        await asyncio.sleep(0.05)


async def test_a_payload_copied_from_another_workflow_is_refused(
    client: Client, key_ring: KeyRing, worker: None
) -> None:
    """Ciphertext that was moved to another workflow fails that workflow's task; it is never read as an argument."""
    codec = HealgateCodec(key_ring, workflow_id="the-owner")
    stolen = (await codec.encode(pydantic_data_converter.payload_converter.to_payloads([Note(text=MARKER)])))[0]
    plain = Client(client.service_client, namespace=client.namespace)
    handle = await plain.start_workflow("Child", RawValue(stolen), id=f"thief-{uuid.uuid4().hex}", task_queue=QUEUE)
    failure = await _first_task_failure(handle)
    readable = await client.data_converter.decode_failure(failure)
    await handle.terminate()
    assert f"a payload of workflow 'the-owner' was found in '{handle.id}'" in str(readable.__cause__ or readable)


async def _first_task_failure(handle: WorkflowHandle[Any, Any]) -> Failure:
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_failed_event_attributes"):
            return event.workflow_task_failed_event_attributes.failure
    raise AssertionError("the workflow ended without a failed task")


async def test_the_servers_files_hold_no_plain_text(
    server: EmbeddedTemporal, server_state: StateDir, running: WorkflowHandle[Everything, Note]
) -> None:
    """Arguments, results, failures, memos, summaries, details and heartbeats are ciphertext in the database and log."""
    await running.execute_update(Everything.end)
    result = await running.result()
    files = {path.name: path.read_bytes() for path in server_state.path.rglob("*") if path.is_file()}
    assert MARKER in result.text
    assert running.id.encode() in b"".join(files.values()), "looked into the wrong files"
    assert [name for name, content in files.items() if MARKER.encode() in content] == []
