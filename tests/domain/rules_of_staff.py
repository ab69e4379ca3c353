"""Rules of staff: decisions of clinicians and of others, pauses, an early end, closed tasks."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.journey.events import Role, StaffAction, StaffActionKind
from domain.journey.facts import minute
from domain.records import TaskCause
from tests.domain.draws import DEPUTY
from tests.domain.lived import LivedJourney


class StaffRules(LivedJourney):
    """What people of the clinic do."""

    @precondition(lambda self: not self.is_over())
    @rule(
        action=st.sampled_from([StaffActionKind.RELEASE, StaffActionKind.WAIVE, StaffActionKind.HOLD]),
        by=st.sampled_from(["Dr. Rivera", "Pat", DEPUTY]),
        role=st.just(Role.CLINICIAN) | st.sampled_from(Role),
        reason=st.sampled_from(["seen", "seen", ""]),
        named=st.booleans(),
    )
    def staff_decides(self, action: StaffActionKind, by: str, role: Role, reason: str, named: bool) -> None:
        gate = self.next_gate()
        step = gate.step if gate else None
        was_open = bool(gate and gate.state.is_open and gate.opening)
        names = tuple(self.oracle.holds)[:1] if named and action is StaffActionKind.WAIVE else ()
        told = StaffAction(action=action, by=by, role=role, reason=reason, step=step, names=names)
        result = self.happens(lambda journey: journey.act(told, self.now))
        if not result.accepted:
            return
        if action is StaffActionKind.HOLD:
            self.oracle.hold("staff", only=step)
            return
        assert role is Role.CLINICIAN or by == DEPUTY, f"{role} may not {action}"
        if step is None:
            self.oracle.waived("", names, self.now, was_open=True)
        elif action is StaffActionKind.WAIVE:
            self.oracle.waived(step, names, minute(self.now), was_open=was_open)
        else:
            self.oracle.released(step, minute(self.now))
            assert self.facts.gates[step].state.is_open, "released, but shut"

    @precondition(lambda self: not self.is_over())
    @rule(action=st.sampled_from([StaffActionKind.RELEASE, StaffActionKind.WAIVE]))
    def clinician_decides(self, action: StaffActionKind) -> None:
        self.staff_decides(action, "Dr. Rivera", Role.CLINICIAN, "seen", False)

    @precondition(lambda self: not self.is_over())
    @rule()
    def front_desk_holds(self) -> None:
        told = StaffAction(action=StaffActionKind.HOLD, by="Pat", reason="asked to")
        if self.happens(lambda journey: journey.act(told, self.now)).accepted:
            self.oracle.hold("staff")

    @precondition(lambda self: not self.is_over())
    @rule(
        action=st.sampled_from([StaffActionKind.RELEASE, StaffActionKind.WAIVE]),
        role=st.sampled_from([role for role in Role if role is not Role.CLINICIAN]),
    )
    def no_clinician_decides(self, action: StaffActionKind, role: Role) -> None:
        told = StaffAction(action=action, by="Pat", role=role, reason="in a hurry")
        assert not self.happens(lambda journey: journey.act(told, self.now)).accepted, f"{role} may not {action}"

    @precondition(lambda self: not self.is_over())
    @rule(role=st.sampled_from(Role))
    def staff_pauses_or_resumes(self, role: Role) -> None:
        kind = StaffActionKind.RESUME if self.facts.paused else StaffActionKind.PAUSE
        told = StaffAction(action=kind, by="Pat", role=role, reason="asked for it")
        assert self.happens(lambda journey: journey.act(told, self.now)).accepted or self.facts.is_final

    @precondition(lambda self: not self.is_over())
    @rule(reason=st.sampled_from(["moved away", "deceased"]), really=st.integers(0, 9))
    def staff_cancels(self, reason: str, really: int) -> None:
        if really:
            return
        told = StaffAction(action=StaffActionKind.CANCEL, by="Pat", reason=reason)
        if self.happens(lambda journey: journey.act(told, self.now)).accepted:
            self.ended, self.in_flight = reason, None

    @precondition(lambda self: not self.is_over())
    @rule(cause=st.sampled_from([TaskCause.QUESTION, TaskCause.INCIDENT, TaskCause.UNREACHABLE, TaskCause.UNREADABLE]))
    def staff_closes_task(self, cause: TaskCause) -> None:
        self.happens(lambda journey: journey.close_task(cause, self.now), twice=True)
