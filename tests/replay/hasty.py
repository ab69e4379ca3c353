"""A careless change of the journey workflow, to prove that replaying notices one."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows.journey import JourneyWorkflow
    from workflows.messages import JourneyResult, JourneyStart


@workflow.defn(name="Journey")
class HastyJourney(JourneyWorkflow):
    """One timer more, before everything else."""

    @workflow.init
    def __init__(self, start: JourneyStart) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: JourneyStart) -> JourneyResult:
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(start)
