"""Messages say what the message plan says, in the patient's language, for as little as possible."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.booking import Treatment
from domain.errors import BadInputError
from domain.messages import Channel
from domain.segments import segments
from domain.wording import CalendarVisit
from protocols.lint_templates import SAMPLE
from protocols.render import MessageContext, Templates
from protocols.template_files import SHIPPED_TEMPLATES
from tests.protocols.contexts import USUAL, contexts

TEMPLATES = Templates()
SMS_KEYS = sorted({path.name.partition(".")[0] for path in (SHIPPED_TEMPLATES / "en").glob("*.sms.txt")})
EMAIL_KEYS = ("prepare", "day_0", "day_7", "day_14")
LOCALES = ("en", "es", "es-MX", "en-GB", "fr")

PLAN = {
    "welcome": "Rivera Skin: Hi Ana, this automated line sends visit and care texts, about 15 in 3 months. Rates may "
    "apply. HELP for help, STOP to end.",
    "pre_visit": "Rivera Skin: Ana, visit Thu, Mar 4, 2:00 PM. Any of these? 0 none, 1 sun/tan, 2 new medicine, "
    "3 other treatment, 4 unwell or private: call me.",
    "day_0": "Rivera Skin: Your care steps: https://h.example/c/abcdefghijkl Worried? Text us here or call "
    "(212) 555-0100. Emergency: 911.",
    "check_in_red_flags": "Any of these now? Reply 0 for none, or: 1 pus or smell, 2 blisters or sores, 3 fever, "
    "4 spreading redness or swelling, 5 eyes or sight, 6 dark or pale marks.",
    "ack": "Rivera Skin: Got it. A person reads this on Mon, Mar 8. If it cannot wait: (212) 555-0100. Emergency: 911.",
    "crisis": "Rivera Skin: We will try to call you. If you may harm yourself, call or text 988 now, or call 911. "
    "Do not wait for us.",
}


def sms(key: str, locale: str = "en", **changes: object) -> str:
    context = MessageContext.model_validate({**USUAL.model_dump(), **changes})
    return TEMPLATES.render(key, Channel.SMS, context, locale).body


def email(key: str, locale: str = "en", **changes: object) -> tuple[str, str, str]:
    context = MessageContext.model_validate({**USUAL.model_dump(), **changes})
    text = TEMPLATES.render(key, Channel.EMAIL, context, locale)
    assert text.html is not None
    assert text.subject is not None
    return text.subject, text.body, text.html


@pytest.mark.parametrize("key", sorted(PLAN))
def test_the_plans_words(key: str) -> None:
    """The English texts are those of the message plan, word for word."""
    assert sms(key) == PLAN[key]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(key=st.sampled_from(SMS_KEYS), context=contexts())
def test_english_fits_one_segment(key: str, context: MessageContext) -> None:
    """Every English SMS costs one segment within the message plan's lengths."""
    assert segments(TEMPLATES.render(key, Channel.SMS, context, "en").body).segments == 1


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("key", SMS_KEYS)
def test_the_longest_sample_fits_one_segment(key: str, locale: str) -> None:
    """With every length at its limit each SMS costs one segment, in Spanish too."""
    count = segments(TEMPLATES.render(key, Channel.SMS, SAMPLE, locale).body)
    assert (count.encoding, count.segments) == ("GSM-7", 1)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(key=st.sampled_from(SMS_KEYS), context=contexts(st.characters()), locale=st.sampled_from(LOCALES))
def test_any_sms_renders_as_one_line(key: str, context: MessageContext, locale: str) -> None:
    """Whatever people and clinics are called, an SMS comes out as one printable line without braces of a template."""
    body = TEMPLATES.render(key, Channel.SMS, context, locale).body
    assert body
    assert body.isprintable()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(key=st.sampled_from(EMAIL_KEYS), context=contexts(st.characters()), locale=st.sampled_from(LOCALES))
def test_any_email_and_page_renders(key: str, context: MessageContext, locale: str) -> None:
    """Every e-mail and page renders for every treatment and language, with its parts."""
    text = TEMPLATES.render(key, Channel.EMAIL, context, locale)
    assert text.subject
    assert context.phone in text.body
    assert "</html>" in TEMPLATES.render_page(key, context, locale)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Thu, Mar 4, 2:00 PM"),
        ("en-GB", "Thu 4 Mar, 14:00"),
        ("es", "jue, 4 mar, 14:00"),
        ("es-MX", "jue 4 de mar, 2:00 p.m."),
        ("fr", "Thu, Mar 4, 2:00 PM"),
        ("nonsense", "Thu, Mar 4, 2:00 PM"),
    ],
)
def test_times_follow_the_locale(locale: str, text: str) -> None:
    """Times are in the clinic's zone, written as the patient's language and region write them."""
    assert text in sms("moved", locale)


def test_another_clock_is_named() -> None:
    """A patient whose clock differs from the clinic's reads whose time it is."""
    assert "2:00 PM (New York)." in sms("moved", patient_zone="America/Los_Angeles")


def test_the_same_clock_is_not_named() -> None:
    """A zone with the same time adds no words."""
    assert "2:00 PM." in sms("moved", patient_zone="America/Toronto")


def test_a_spanish_saturday_stays_cheap() -> None:
    """The accent of sábado does not turn an SMS into the dear alphabet."""
    assert "sab, 6 mar, 14:00." in sms("moved", "es", when=datetime(2027, 3, 6, 19, tzinfo=UTC))
    assert "el sab, 6 mar." in sms("ack", "es", day=date(2027, 3, 6))


def test_dates_in_mails_are_written_out() -> None:
    """E-mails have room for the weekday and the year."""
    assert "Thursday, March 4, 2027, 2:00 PM" in email("prepare")[1]


def test_names_are_cut_and_flattened() -> None:
    """A first name is one line of at most thirty characters."""
    context = MessageContext(clinic="C", zone="UTC", name="Ana\n\u2028Maria\x00 " + "x" * 50)
    assert context.name == "Ana Maria " + "x" * 20


def test_a_name_is_no_template() -> None:
    """What a patient is called is never run as a template."""
    assert "{{ 7 * 7 }}" in sms("moved", name="{{ 7 * 7 }}")


def test_a_name_is_no_markup() -> None:
    """Names are escaped in HTML, and read as typed in the plain twin."""
    _, body, html = email("day_0", name="<b>Ana</b>")
    assert "<b>Ana" not in html
    assert "<b>Ana</b>" in body


def test_a_standing_order_says_that_nobody_read() -> None:
    """When a rule opened the gate, the text does not claim that the team read the answers."""
    assert sms("invite", standing_order=True) == "Rivera Skin: Thank you, Ana. You can now book your next visit: " + (
        "(212) 555-0100"
    )
    assert "read" not in sms("stands", standing_order=True)


def test_crisis_lines_are_the_countrys_own() -> None:
    """The American crisis line is named in American clinics only."""
    assert "988" in sms("crisis", country="US")
    assert "988" not in sms("crisis", country="ES")


def test_curly_quotes_do_not_cost() -> None:
    """Look-alikes outside the cheap alphabet are replaced in SMS."""
    assert "Ana's" in sms("moved", name="Ana’s")


@pytest.mark.parametrize("treatment", [treatment for treatment in Treatment if treatment.is_laser])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_each_laser_has_its_own_care(treatment: Treatment, locale: str) -> None:
    """Aftercare differs by treatment, and always tells when to call whom."""
    general = email("day_0", locale)[1]
    body = email("day_0", locale, treatment=treatment)[1]
    assert body != general
    assert "911" in body
    assert "(212) 555-0100" in body


def test_list_items_stand_on_their_own_lines() -> None:
    """The plain twin keeps lists readable."""
    assert "\n- fever of 38 °C (100.4 °F) or more, or chills\n- " in email("day_0")[1]


def test_unsubscribing_needs_one_tap() -> None:
    """The link to stop e-mails is in both forms, and left out where there is none."""
    _, body, html = email("day_7")
    assert "Stop these e-mails https://h.example/u/abc?a=1&b=2" in body
    assert 'href="https://h.example/u/abc?a=1&amp;b=2"' in html
    assert "Stop these" not in email("day_7", unsubscribe_url="")[1]


def test_staff_are_no_patients() -> None:
    """A page by e-mail goes to the on-call roster, and says so instead of the patients' footer."""
    _, body, _ = email("page", "es")
    assert "de guardia en Rivera Skin" in body
    assert "correo" not in body


def test_styles_are_inlined() -> None:
    """E-mail clients that drop style sheets still show the layout; only the rule for small screens stays one."""
    html = email("day_0")[2]
    assert 'style="margin: 0;' in html
    assert "@media" in html


def test_a_page_loads_nothing() -> None:
    """A care page needs nothing from elsewhere and tells no other site where it was."""
    page = TEMPLATES.render_page("day_0", USUAL, "en")
    assert re.findall(r'(?:src|href)="(?!tel:)', page) == []
    assert "no-referrer" in page
    assert "Stop these e-mails" not in page


def test_a_missing_fact_is_named() -> None:
    """A text without a fact that it needs is refused by file and name."""
    with pytest.raises(BadInputError, match=r"en/moved\.sms\.txt.*'when'"):
        sms("moved", when=None)


@pytest.mark.parametrize("key", ["nope", "../en/moved", "", "Moved"])
def test_unknown_keys_are_refused(key: str) -> None:
    """A key without a template is refused with the file to add."""
    with pytest.raises(BadInputError, match="no template"):
        sms(key)


def test_the_version_follows_every_part(tmp_path: Path) -> None:
    """A change in a part that a mail includes changes the version of the mail, and only of such."""
    own = tmp_path / "templates" / "en"
    own.mkdir(parents=True)
    (own / "_sun.html").write_text("<p>Hats.</p>")
    theirs = Templates(tmp_path)
    changed, same = (
        theirs.render(key, Channel.EMAIL, USUAL, "en").template_version
        != TEMPLATES.render(key, Channel.EMAIL, USUAL, "en").template_version
        for key in ("day_7", "prepare")
    )
    assert (changed, same) == (True, False)


def test_the_version_ignores_the_patient() -> None:
    """Two patients get the same version of a text."""
    versions = {
        TEMPLATES.render("moved", Channel.SMS, USUAL.model_copy(update={"name": name}), "en").template_version
        for name in ("Ana", "Bo")
    }
    assert len(versions) == 1


def test_the_clinics_own_words_win(tmp_path: Path) -> None:
    """A clinic's file replaces the shipped one of the same name, new wording counts at once, the rest stays shipped."""
    own = tmp_path / "templates" / "en"
    own.mkdir(parents=True)
    (own / "moved.sms.txt").write_text("{{ clinic }}: moved to {{ when }}. {{ phone }}")
    theirs = Templates(tmp_path)
    assert theirs.render("moved", Channel.SMS, USUAL, "en").body.startswith("Rivera Skin: moved to Thu")
    assert theirs.render("moved", Channel.SMS, USUAL, "es").body == sms("moved", "es")
    assert theirs.render("ack", Channel.SMS, USUAL, "en").body == sms("ack")


@pytest.mark.parametrize(
    "source",
    [
        "{{ clinic.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{% include '../../x' %}",
        "{{ a",
    ],
)
def test_a_template_runs_no_code(tmp_path: Path, source: str) -> None:
    """A template that reaches for Python, for other folders or is broken is refused."""
    own = tmp_path / "templates" / "en"
    own.mkdir(parents=True)
    (own / "moved.sms.txt").write_text(source)
    with pytest.raises(BadInputError, match="template"):
        Templates(tmp_path).render("moved", Channel.SMS, USUAL, "en")


def test_calendar_titles_are_neutral() -> None:
    """A calendar entry names the clinic and nothing else."""
    assert TEMPLATES.calendar_summary(USUAL, "en") == "Visit at Rivera Skin"
    assert TEMPLATES.calendar_summary(USUAL, "es") == "Cita en Rivera Skin"


@pytest.mark.parametrize(
    ("key", "locale", "begins"),
    [
        ("check_in", "en", "Rivera Skin: how is your skin?"),
        ("welcome", "en", "Rivera Skin: Hi, this automated line"),
        ("check_in_done", "en", "Rivera Skin: Thank you. Our team"),
        ("moved", "es", "Rivera Skin: su cita ahora"),
    ],
)
def test_somebody_without_a_name_is_spoken_to_without_one(key: str, locale: str, begins: str) -> None:
    """No comma is left behind where the first name is not known."""
    assert sms(key, locale, name="").startswith(begins)
    assert "Hello, redness" in email("day_7", name="")[1]


def test_the_preparation_speaks_of_the_review_only_while_there_is_one() -> None:
    """Once the gate is open the visit is subject to nothing."""
    laser = {"treatment": Treatment.LASER_NAFL}
    assert "subject to our team" in email("prepare", **laser)[1]
    assert "subject to our team" not in email("prepare", gate_open=True, **laser)[1]


def test_an_appointment_mail_carries_the_visit() -> None:
    """The calendar file has the neutral title in the patient's language."""
    at = datetime(2027, 3, 4, 19, tzinfo=UTC)
    visit = CalendarVisit(
        booking_id="b1",
        sequence=0,
        stamped_at=at,
        starts_at=at,
        organizer="care@rivera.example",
        attendee="ana@example.com",
    )
    context = USUAL.model_copy(update={"visit": visit})
    (attached,) = TEMPLATES.render("prepare", Channel.EMAIL, context, "en").attachments
    assert b"SUMMARY:Visit at Rivera Skin" in attached.content
