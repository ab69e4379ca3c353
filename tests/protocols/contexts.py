"""Message contexts for tests: one usual, and random ones within the message plan's lengths."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from domain.booking import Treatment
from protocols.render import MessageContext

USUAL = MessageContext(
    clinic="Rivera Skin",
    zone="America/New_York",
    name="Ana",
    when=datetime(2027, 3, 4, 19, tzinfo=UTC),
    day=date(2027, 3, 8),
    phone="(212) 555-0100",
    sos="911",
    names="1 Ana, 2 Ben",
    other="3",
    link="https://h.example/c/abcdefghijkl",
    address="1 Main Street",
    unsubscribe_url="https://h.example/u/abc?a=1&b=2",
    country="US",
)
ASCII = st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="[]{}~\\|^`")
"""One septet each: the message plan counts characters, and brackets would count twice."""
ZONES = ("America/New_York", "America/Los_Angeles", "Europe/Madrid", "Asia/Kathmandu", "Pacific/Auckland")
INSTANTS = st.integers(1_767_225_600, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 2026 to 2039."""


def numbered(names: list[str]) -> str:
    """People who use one number, as the question whom a text is about lists them."""
    return ", ".join(f"{digit} {name}" for digit, name in enumerate(names, 1))


def contexts(letters: st.SearchStrategy[str] = ASCII) -> st.SearchStrategy[MessageContext]:
    """Contexts as long as the message plan allows: clinic 18, name 10, link 40, date 21."""
    zone = st.shared(st.sampled_from(ZONES), key="zone")
    return st.builds(
        MessageContext,
        clinic=st.text(letters, min_size=1, max_size=18),
        zone=zone,
        patient_zone=zone,
        name=st.text(letters, max_size=10),
        when=INSTANTS,
        day=INSTANTS.map(datetime.date),
        phone=st.sampled_from(["(212) 555-0100", "+12125550100"]),
        sos=st.sampled_from(["911", "112"]),
        names=st.lists(st.text(letters, min_size=1, max_size=10), min_size=2, max_size=2).map(numbered),
        other=st.just("3"),
        link=st.integers(20, 40).map(lambda length: "https://h.example/".ljust(length, "x")),
        treatment=st.none() | st.sampled_from(Treatment),
        standing_order=st.booleans(),
        country=st.sampled_from(["", "US", "ES"]),
    )
