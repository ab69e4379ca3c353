"""A clinic file's booking systems, checked before the file is stored."""

from typing import Any

import pytest

from domain.clinic import BookingSource
from domain.errors import BadInputError
from tests.store.rows import a_clinic
from worker.assemble import named_secret
from worker.booking_lists import api_token
from worker.sources import check_sources


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the API's environment holds."""
    monkeypatch.setenv("HEALGATE_TEST_SECRET", "a-secret-of-the-clinic")
    monkeypatch.setenv("HEALGATE_TEST_BLANK", "  ")
    monkeypatch.setenv("HEALGATE_TEST_UNSET", "no-secret-provided")
    monkeypatch.setenv("HEALGATE_TEST_BASE64", "YS1zZWNyZXQ=")


def check(system: str, *names: str, **options: str) -> None:
    source: dict[str, Any] = {"system": system, "secret_names": names, "options": options}
    check_sources(a_clinic(sources={"front": source}))


def test_what_can_be_verified_is_taken() -> None:
    """A secret of the right form, also beside a second one that is not set yet."""
    check("calcom", "HEALGATE_TEST_SECRET")
    check("boulevard", "HEALGATE_TEST_BASE64", "HEALGATE_TEST_NEXT")


@pytest.mark.parametrize(
    ("system", "names", "options", "says"),
    [
        ("calcom", (), {}, "secret_names is empty"),
        ("calcom", ("HEALGATE_TEST_SECRET", " "), {}, "secret_names is empty"),
        ("calcom", ("HEALGATE_TEST_MISSING",), {}, "none of HEALGATE_TEST_MISSING is set"),
        ("calcom", ("HEALGATE_TEST_BLANK",), {}, "no secret is set"),
        ("calcom", ("HEALGATE_TEST_SECRET", "HEALGATE_TEST_UNSET"), {}, "HEALGATE_TEST_UNSET: no secret is set"),
        ("boulevard", ("HEALGATE_TEST_SECRET",), {}, "not base64"),
        ("calender", ("HEALGATE_TEST_SECRET",), {}, "no booking system"),
        ("generic", ("HEALGATE_TEST_SECRET",), {"encoding": "rot13"}, "option 'encoding'"),
        ("square", ("HEALGATE_TEST_SECRET",), {"api_token_name": "HEALGATE_TEST_MISSING"}, "set the API credential"),
    ],
)
def test_what_would_refuse_every_delivery_is_refused(
    system: str, names: tuple[str, ...], options: dict[str, str], says: str
) -> None:
    """Missing, blank and unusable secrets, unknown systems and options: the line names the source and the mend."""
    with pytest.raises(BadInputError, match=rf"^sources\.front: .*{says}"):
        check(system, *names, **options)


def test_the_credential_of_a_sources_api() -> None:
    """The variable that is named; for systems that sign with their credential, the secret itself; else an error."""
    named = {"api_token_name": "HEALGATE_TEST_BASE64"}
    secret = ("HEALGATE_TEST_SECRET",)
    assert api_token(BookingSource(system="square", secret_names=secret, options=named), named_secret) == "YS1zZWNyZXQ="
    assert api_token(BookingSource(system="acuity", secret_names=secret), named_secret) == "a-secret-of-the-clinic"
    with pytest.raises(Exception, match="api_token_name"):
        api_token(BookingSource(system="square", secret_names=secret), named_secret)
