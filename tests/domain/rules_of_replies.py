"""Rules of replies: answers to open and closed questions, worries out of the blue, opt-outs, lost messages."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.journey.events import ContactChange, DeliveryFailed, Reply
from domain.journey.facts import Gate, minute
from domain.messages import Channel, FailureClass
from domain.replies import Label, Question
from tests.domain.draws import NOT_AN_ANSWER, WORRYING, labels, numbers
from tests.domain.lived import LivedJourney


class ReplyRules(LivedJourney):
    """What the patient says, and when nothing reaches the patient."""

    @precondition(lambda self: not self.is_over() and self.open_check_in())
    @rule(label=labels, call_me=st.booleans(), by_page=st.booleans(), exposed=st.booleans())
    def answers(self, label: Label, call_me: bool, by_page: bool, exposed: bool) -> None:
        found = self.open_check_in()
        assert found is not None
        gate, check_in = found
        assert check_in.open_question is not None
        exposures = ("tan",) if exposed and label is Label.CONCERN else ()
        self.replies(
            label, check_in.open_question, check_in.ask_id, gate, exposures, call_me=call_me and label in WORRYING,
            by_page=by_page,
        )  # fmt: skip

    @precondition(lambda self: not self.is_over() and self.open_check_in())
    @rule(state=st.sampled_from([Label.CLEAR, Label.CLEAR, Label.MILD]))
    def answers_everything(self, state: Label) -> None:
        for _ in range(4):
            found = self.open_check_in()
            if found is None:
                return
            gate, check_in = found
            question = check_in.open_question or Question.STATE
            self.replies(state if question is Question.STATE else Label.CLEAR, question, check_in.ask_id, gate)
            self.send_all()

    @precondition(lambda self: not self.is_over())
    @rule(
        label=labels, call_me=st.booleans(), ask=st.sampled_from(["", "early:microneedling:b0.d3", "check_in:laser:0"])
    )
    def says_something(self, label: Label, call_me: bool, ask: str) -> None:
        """An unsolicited text, or an answer to a question that is long closed."""
        question = Question.STATE if ask else None
        self.replies(label, question, ask, None, call_me=call_me and label in WORRYING)

    @precondition(lambda self: not self.is_over())
    @rule(label=st.sampled_from(WORRYING))
    def worries(self, label: Label) -> None:
        self.replies(label, None, "", None)

    @precondition(lambda self: not self.is_over() and self.facts.asks)
    @rule(label=labels, which=numbers, exposed=st.booleans())
    def answers_other_question(self, label: Label, which: int, exposed: bool) -> None:
        asks = list(self.facts.asks)
        ask = self.facts.asks[asks[which % len(asks)]]
        exposures = ("new_medicine",) if exposed and label is Label.CONCERN else ()
        self.replies(label, ask.question, f"{ask.question}:{ask.step}:x", None, exposures)

    def replies(
        self,
        label: Label,
        question: Question | None,
        ask_id: str,
        gate: Gate | None,
        exposures: tuple[str, ...] = (),
        *,
        call_me: bool = False,
        by_page: bool = False,
    ) -> None:
        self.texts += 1
        unclear_before = gate.check_in.unclear if gate else 0
        reply = Reply(
            reply_id=f"r{self.texts}", label=label, rule="test", ask_id=ask_id, question=question,
            exposures=exposures, call_me=call_me, by_page=by_page,
        )  # fmt: skip
        for cause in exposures:
            self.oracle.hold(cause)
        if label in WORRYING and (not exposures or label is Label.URGENT or call_me):
            about = question.value if question and (gate or self.is_asked(question)) else "unsolicited"
            self.oracle.worries.append("call_me" if call_me and label is Label.CONCERN else about)
        if gate and label is Label.UNCLEAR and unclear_before:
            self.oracle.worries.append("unreadable")
        if gate and question and label not in NOT_AN_ANSWER:
            self.oracle.answers[gate.step, question] = (label, minute(self.now))
        assert self.happens(lambda journey: journey.reply(reply, self.now))
        again = self.facts.model_copy(deep=True)
        assert not self.happens(lambda journey: journey.reply(reply, self.now)), "a copy of a reply counted"
        assert self.facts == again, "the same reply again changed something"
        if any(worry.about == "still_settling" for worry in self.facts.worries):
            self.oracle.worries.append("still_settling")

    def is_asked(self, question: Question) -> bool:
        return any(ask.question is question for ask in self.facts.asks.values())

    @precondition(lambda self: not self.is_over())
    @rule(opted_out=st.booleans())
    def contact_changes(self, opted_out: bool) -> None:
        self.happens(lambda journey: journey.contact(ContactChange(opted_out=opted_out), self.now), twice=True)

    @precondition(lambda self: not self.is_over())
    @rule(occurrence=st.integers(1, 3))
    def delivery_fails(self, occurrence: int) -> None:
        identity = f"check_in:laser:{occurrence}"
        failure = DeliveryFailed(identity=identity, channel=Channel.SMS, failure=FailureClass.NUMBER)
        self.happens(lambda journey: journey.delivery_failed(failure, self.now), twice=True)
