"""A workflow that puts a marker into every place where the SDK encodes payloads."""

import asyncio
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

_FAST = timedelta(seconds=20)
_ONCE = RetryPolicy(maximum_attempts=1)


class Note(BaseModel):
    """A payload; `run` counts continue-as-new."""

    text: str
    run: int = 0


@activity.defn
async def echo(note: Note) -> Note:
    """Heartbeats and gives back its argument."""
    activity.heartbeat(Note(text=f"heartbeat {note.text}"))
    return Note(text=f"result {note.text}")


@activity.defn
async def fail(note: Note) -> None:
    """Fails with its text in message and details."""
    raise ApplicationError(
        f"message {note.text}", Note(text=f"details {note.text}"), type="Planned", non_retryable=True
    )


@workflow.defn
class Child:
    @workflow.run
    async def run(self, note: Note) -> Note:
        """Give the argument back."""
        return note


@workflow.defn
class Everything:
    """Ends when it was told to."""

    @workflow.init
    def __init__(self, note: Note) -> None:
        self.note = note
        self.heard = ""
        self.failure = ""
        self.ended = False

    @workflow.run
    async def run(self, note: Note) -> Note:
        """Use each kind of payload once, continue as new once, and wait for the end."""
        text = note.text
        workflow.set_current_details(f"current-details {text}")
        workflow.upsert_memo({"upserted": f"upserted-memo {text}"})
        await workflow.execute_activity(
            echo, note, start_to_close_timeout=_FAST, heartbeat_timeout=_FAST, summary=f"activity-summary {text}"
        )
        await workflow.execute_local_activity(echo, note, start_to_close_timeout=_FAST)
        await self._see_failure(note)
        await workflow.execute_child_workflow(
            Child.run, note, id=f"{workflow.info().workflow_id}-child-{note.run}", memo={"c": f"child-memo {text}"}
        )
        await workflow.sleep(0.01, summary=f"timer-summary {text}")
        if note.run == 0:
            workflow.continue_as_new(Note(text=text, run=1), memo={"carried": f"carried-memo {text}"})
        await workflow.wait_condition(lambda: self.ended)
        return Note(text=f"{self.heard} | {self.failure}", run=note.run)

    async def _see_failure(self, note: Note) -> None:
        try:
            await workflow.execute_activity(fail, note, start_to_close_timeout=_FAST, retry_policy=_ONCE)
        except Exception as error:  # noqa: BLE001 -- whatever came back is what the test looks at
            self.failure = str(error.__cause__)

    @workflow.signal
    def hear(self, note: Note) -> None:
        """Keep the text."""
        self.heard = note.text

    @workflow.query
    def note_now(self, note: Note) -> Note:
        """Answer with both notes."""
        return Note(text=f"{self.note.text} + {note.text}")

    @workflow.update
    async def answer(self, note: Note) -> Note:
        """Give the argument back after an await."""
        await asyncio.sleep(0.01)
        return note

    @workflow.update
    async def refuse(self, note: Note) -> None:
        """Fail with the text."""
        raise ApplicationError(f"refused {note.text}", type="Refused")

    @workflow.update
    def end(self) -> None:
        """Let the workflow complete."""
        self.ended = True
