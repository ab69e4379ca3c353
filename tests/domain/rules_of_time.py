"""Rules of time and of messages that are on their way."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.domain.draws import seconds
from tests.domain.lived import LivedJourney


class TimeRules(LivedJourney):
    """Time passes; providers answer in one way or another."""

    @precondition(lambda self: not self.is_over())
    @rule(count=st.integers(1, 6))
    def next_moments_come(self, count: int) -> None:
        for _ in range(count):
            coming = self.journey.next_moment(self.now)
            if coming is None or self.is_over():
                return
            self.pass_to(coming)

    @precondition(lambda self: not self.is_over())
    @rule(hours=st.sampled_from([1, 5, 24, 24 * 3, 24 * 6, 24 * 15]), second=seconds)
    def time_passes(self, hours: int, second: int) -> None:
        self.pass_to(self.now + timedelta(hours=hours, seconds=second))

    @precondition(lambda self: not self.is_over())
    @rule()
    def check_in_comes(self) -> None:
        """Time until the check-in of the next gate is open, at most some weeks."""
        for _ in range(60):
            coming = self.journey.next_moment(self.now)
            if coming is None or self.is_over() or self.open_check_in():
                return
            self.pass_to(coming)

    @precondition(lambda self: not self.is_over() and self.in_flight is None)
    @rule()
    def message_leaves(self) -> None:
        """A message is on its way while other things happen."""
        self.in_flight = self.hand_out()

    @rule(state=st.sampled_from(["accepted", "accepted", "unknown", "rejected", "skipped", "deferred"]))
    def provider_changes(self, state: str) -> None:
        """From now on the provider answers like that; a deferral happens once."""
        self.send_all()
        if state == "deferred":
            if due := self.hand_out():
                self.come_back(due, state)
        else:
            self.provider = state
