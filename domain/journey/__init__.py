"""One patient's journey as plain Python: events in, decisions out. No clock, no I/O, no Temporal.

The workflow (`workflows/journey.py`) is its clock and its hands; `healgate simulate` and the tests drive the same code.

aggregate.py puts the parts together: visits, gate_keeper, holds, check_in, conversation, touchpoints, agenda (what is
due when), tasks, course (stage and end), staff. facts.py is the state, events.py what comes in and what goes out.
"""

from domain.journey.aggregate import Journey, begin
from domain.journey.facts import Due, Facts, GateState, JourneyStage, minute

__all__ = ["Due", "Facts", "GateState", "Journey", "JourneyStage", "begin", "minute"]
