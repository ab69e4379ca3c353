"""The care page and unsubscribing from e-mail."""

from datetime import timedelta

import pytest

from domain.booking import Treatment
from domain.messages import Channel
from domain.patient import ConsentStatus
from domain.records import LinkKind
from tests.api.html_page import Page
from tests.api.world import World
from tests.store.rows import CLINIC, NOW, a_booking

pytestmark = pytest.mark.slow


async def _link(world: World, kind: LinkKind, data: dict[str, str] | None = None) -> str:
    link = await world.store.links.create(
        kind, clinic_id=CLINIC, patient_id="p1", journey_id="j1", now=NOW, data=data or {}
    )
    return link.token


@pytest.mark.parametrize("key", ["day_0", "day_7", "day_14", "prepare"])
@pytest.mark.parametrize("treatment", ["microneedling", "laser_ablative"])
async def test_the_care_page_says_what_the_email_says(world: World, key: str, treatment: str) -> None:
    """Each care touchpoint has a page that loads nothing and runs nothing."""
    token = await _link(world, LinkKind.CARE, {"step": "laser", "key": key, "treatment": treatment})
    answer = await world.http.get(f"/s/{token}")
    page = Page.of(answer.text)
    assert (answer.status_code, page.language) == (200, "en")
    assert not {"script", "img", "link"} & set(page.tags)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_the_preparation_names_the_visit_as_it_is_booked_now(world: World) -> None:
    """A moved visit shows its new time on the page whose link was sent before."""
    token = await _link(world, LinkKind.CARE, {"key": "prepare", "treatment": "microneedling"})
    visit = a_booking(journey_id="j1", patient_id="p1", treatment=Treatment.MICRONEEDLING)
    await world.store.bookings.apply(visit)
    before = (await world.http.get(f"/s/{token}")).text
    moved = visit.model_copy(update={"sequence": 2, "starts_at": visit.starts_at.replace(day=9)})
    await world.store.bookings.apply(moved)
    after = (await world.http.get(f"/s/{token}")).text
    assert "March 4" in before
    assert "March 9" in after


async def test_looking_unsubscribes_nobody(world: World) -> None:
    """A robot that opens the link changes nothing; the page has one button."""
    answer = await world.http.get(f"/u/{await _link(world, LinkKind.UNSUBSCRIBE)}")
    assert (answer.status_code, Page.of(answer.text).buttons) == (200, ["submit"])
    assert await world.store.consents.status(CLINIC, Channel.EMAIL, "ana@example.com") is None


async def test_one_click_ends_the_consent_once(world: World) -> None:
    """The POST of a mail program, and the button after it, leave one entry in the consents."""
    path = f"/u/{await _link(world, LinkKind.UNSUBSCRIBE)}"
    one_click = await world.http.post(path, content=b"List-Unsubscribe=One-Click")
    world.later(timedelta(minutes=1))
    button = await world.http.post(path)
    (entry,) = await world.store.consents.history(CLINIC, Channel.EMAIL, "ana@example.com")
    assert (one_click.status_code, button.status_code) == (200, 200)
    assert (entry.status, entry.origin) == (ConsentStatus.REVOKED, "unsubscribe_link")


async def test_an_old_address_cannot_unsubscribe_the_new_one(world: World) -> None:
    """Links of a mailbox that the patient left do nothing to the new one."""
    token = await _link(world, LinkKind.UNSUBSCRIBE)
    await world.staff("PATCH", "/patients/p1", {"email": "new@example.com"})
    answer = await world.http.post(f"/u/{token}")
    assert answer.status_code == 410
    assert await world.store.consents.status(CLINIC, Channel.EMAIL, "new@example.com") is None
