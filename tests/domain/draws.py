"""What the random journeys are drawn from: people, plans, replies, dates and zones."""

from datetime import date

from hypothesis import strategies as st

from domain.patient import Condition, SkinProfile
from domain.protocol import Release
from domain.replies import Label
from tests import builders

ZONES = ("America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Auckland", "UTC")
STARTS = (date(2027, 3, 1), date(2027, 9, 27), date(2028, 2, 28), date(2027, 10, 13))
"""Healing weeks that cross a change of the clocks, a leap day, or neither."""
DEPUTY = "Nurse Kim"
WORRYING = (Label.CONCERN, Label.URGENT)
NOT_AN_ANSWER = (Label.UNCLEAR, Label.QUESTION, Label.RESCHEDULE, Label.HELP, Label.OPT_IN, Label.OPT_OUT)

people = st.one_of(
    st.just(builders.HEALTHY),
    st.builds(
        SkinProfile,
        skin_type=st.none() | st.integers(1, 6),
        conditions=st.none() | st.frozensets(st.sampled_from(Condition), max_size=2),
        adult=st.sampled_from([True, True, False, None]),
    ),
)
plans = st.one_of(
    st.just(builders.plan()),
    st.builds(builders.plan, release=st.sampled_from(Release), needlings=st.integers(1, 2), laser_first=st.booleans()),
    st.builds(
        builders.plan,
        people,
        release=st.sampled_from(Release),
        approved_by=st.sampled_from(["Dr. Rivera", "Dr. Rivera", ""]),
        needlings=st.integers(1, 2),
        laser_first=st.booleans(),
    ),
)
labels = st.one_of(st.just(Label.CLEAR), st.sampled_from(Label))
numbers = st.integers(0, 5)
seconds = st.sampled_from([0, 0, 1, 30, 59])
