"""The check-in page: one question at a time, without scripts, and one row of the inbox at the end."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.records import LinkKind
from tests.api.html_page import Page
from tests.api.world import World
from tests.store.rows import CLINIC, NOW, a_patient


async def a_link(world: World, kind: LinkKind = LinkKind.CHECK_IN) -> str:
    """The path of a patient's link."""
    link = await world.store.links.create(
        kind,
        clinic_id=CLINIC,
        patient_id="p1",
        journey_id="j1",
        now=NOW,
        data={"step": "laser", "key": "", "ask_id": "check_in:laser:1"},
        expires_at=NOW + timedelta(days=30),
    )
    return f"/c/{link.token}"


class Patient:
    """Somebody who fills in the page."""

    def __init__(self, world: World, path: str) -> None:
        self._world = world
        self._path = path
        self.answer: httpx.Response
        self.page = Page()

    async def open(self) -> Page:
        return self._see(await self._world.http.get(self._path))

    async def choose(self, *values: str, **more: str) -> Page:
        """Choose and press the button."""
        form: dict[str, Any] = {**self.page.hidden(), "choice": list(values), **more}
        return self._see(await self._world.http.post(self._path, data=form))

    def _see(self, answer: httpx.Response) -> Page:
        self.answer, self.page = answer, Page.of(answer.text)
        return self.page


@pytest.fixture
async def patient(world: World) -> Patient:
    """Who has just opened the link."""
    patient = Patient(world, await a_link(world))
    await patient.open()
    return patient


async def _answers(world: World) -> list[dict[str, str]]:
    (row,) = await world.inbox()
    answers: list[dict[str, str]] = json.loads(row.body)["answers"]
    return answers


async def test_four_answers_become_one_row(world: World, patient: Patient) -> None:
    """After the last question the whole set waits in the inbox under the patient's phone, with what it answers."""
    seen = [patient.page.legend]
    for value in ("1", "0", "0"):
        seen.append((await patient.choose(value)).legend)
        assert await world.inbox_count() == 0
    done = await patient.choose("0")
    (row,) = await world.inbox()
    body = json.loads(row.body)
    assert len(set(seen)) == 4
    assert done.heading == "Thank you"
    assert (row.source, row.key) == ("page", "phone:+15005550006")
    assert (body["patient_id"], body["journey_id"], body["ask_id"]) == ("p1", "j1", "check_in:laser:1")
    assert [(one["question"], one["text"]) for one in body["answers"]] == [
        ("state", "1"),
        ("discomfort", "0"),
        ("red_flags", "0"),
        ("exposures", "0"),
    ]


async def test_who_is_not_back_to_usual_skips_the_discomfort(patient: Patient) -> None:
    """'Still settling' goes straight to the red flags, and the progress says so."""
    assert "Question 1 of 4" in patient.page.text
    page = await patient.choose("2")
    assert "Question 2 of 3" in page.text
    assert page.hidden()["question"] == "red_flags"


async def test_opening_the_link_changes_nothing(world: World, patient: Patient) -> None:
    """Preview robots may fetch the link as often as they like; it shows no earlier answer."""
    await patient.choose("2")
    again = await Patient(world, patient._path).open()
    assert await world.inbox_count() == 0
    assert "answer_state" not in again.hidden()
    assert "Question 1 of 4" in again.text


async def test_a_double_submit_is_one_row(world: World, patient: Patient) -> None:
    """Pressing the last button twice stores one set."""
    for value in ("2", "0"):
        await patient.choose(value)
    last = patient.page
    await patient.choose("0")
    patient.page = last
    page = await patient.choose("0")
    assert (page.heading, await world.inbox_count()) == ("Thank you", 1)


async def test_a_corrected_answer_is_never_lost(world: World, patient: Patient) -> None:
    """Who goes back after sending and reports a sign is heard, although the page is the same."""
    await patient.choose("2")
    await patient.choose("0")
    last = patient.page
    await patient.choose("0")
    patient.page = last
    await patient.choose("1")
    assert await world.inbox_count() == 2


async def test_an_urgent_answer_ends_the_page_at_once(world: World, patient: Patient) -> None:
    """A red flag shows the clinic's fixed words with both numbers to tap, and is stored before the questions end."""
    await patient.choose("2")
    page = await patient.choose("3", "1")
    assert page.heading == "Please call now"
    assert "Please call us now: +15005550001" in page.text
    assert {"tel:+15005550001", "tel:911"} <= set(page.links)
    assert "alert" in page.roles
    assert (await _answers(world))[-1] == {"question": "red_flags", "text": "3 1"}


async def test_words_of_self_harm_get_the_crisis_text(patient: Patient) -> None:
    """The country's crisis line stands where the usual safety words would."""
    page = await patient.choose(own_words="I want to die")
    assert "988" in page.text


async def test_own_words_count_beside_a_choice(world: World, patient: Patient) -> None:
    """A harmless choice does not hide worrying words."""
    page = await patient.choose("1", own_words="but I cannot see well with my left eye")
    assert page.heading == "Please call now"
    assert (await _answers(world))[0]["text"].startswith("1. but I cannot see")


async def test_what_nobody_can_read_is_asked_back_once(world: World, patient: Patient) -> None:
    """Unreadable words are asked back, with the error at the field; the second time they go on to a person."""
    page = await patient.choose(own_words="qwfpg zxcvb")
    assert patient.answer.status_code == 422
    assert (page.hidden()["question"], "We could not read that" in page.text) == ("state", True)
    page = await patient.choose(own_words="qwfpg zxcvb")
    assert page.hidden()["question"] == "red_flags"


async def test_nothing_chosen_is_an_error_at_the_field(patient: Patient) -> None:
    """An empty answer asks again: the error is announced, linked to the first field, and the title says so."""
    page = await patient.choose()
    assert patient.answer.status_code == 422
    assert page.title.startswith("Please look at this")
    assert "alert" in page.roles
    assert "#first" in page.links
    assert {"first", "error"} <= page.ids
    assert {one.described_by for one in page.fields if one.kind == "radio"} == {"error"}


async def test_a_sign_outweighs_none_of_these(world: World, patient: Patient) -> None:
    """Both 'none' and a sign chosen counts as the sign."""
    await patient.choose("2")
    await patient.choose("0", "6")
    await patient.choose("0")
    assert (await _answers(world))[1] == {"question": "red_flags", "text": "6"}


async def test_back_asks_the_question_before_again(patient: Patient) -> None:
    """Back forgets the newest answer alone, and nothing is chosen for the patient."""
    assert patient.page.buttons == ["submit"]
    await patient.choose("1")
    await patient.choose("3")
    page = await patient.choose(back="1")
    assert page.hidden()["question"] == "discomfort"
    assert page.hidden()["answer_state"] == "1"
    assert "answer_discomfort" not in page.hidden()
    assert "checked" not in patient.answer.text.replace(":checked", "")


@pytest.mark.parametrize("words", ["STOP", "please call me"])
async def test_an_opt_out_or_a_wish_to_be_called_ends_it(world: World, patient: Patient, words: str) -> None:
    """Nobody has to answer four questions before being heard."""
    page = await patient.choose(own_words=words)
    assert (page.heading, await _answers(world)) == ("Thank you", [{"question": "state", "text": words}])


async def test_every_page_works_by_keyboard_and_screen_reader(patient: Patient) -> None:
    """Each question is a fieldset with a heading as its legend, every field has a label, and no script is there."""
    for value in ("1", "0", "0"):
        page = patient.page
        shown = [one for one in page.fields if one.kind != "hidden"]
        assert (page.language, page.heading, page.action) == ("en", page.legend, None)
        assert all(one.labelled for one in shown)
        assert "script" not in page.tags
        await patient.choose(value)


async def test_no_answer_travels_in_an_url(world: World, patient: Patient) -> None:
    """The form goes to the same URL, nothing is cached, no referrer leaves, and no script could run."""
    headers = patient.answer.headers
    assert patient.page.action is None
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src")
    assert "noindex" in headers["x-robots-tag"]


async def test_the_page_speaks_the_patients_language(world: World) -> None:
    """A patient who reads Spanish gets Spanish, with the language marked."""
    await world.store.patients.update(a_patient(locale="es-MX"))
    page = await Patient(world, await a_link(world)).open()
    assert (page.language, page.heading) == ("es", "¿Qué tal su piel?")


async def test_markup_in_answers_is_only_text(patient: Patient) -> None:
    """Own words come back in a hidden field, escaped."""
    await patient.choose("3", own_words='"><script>alert(1)</script> looks good')
    assert "<script" not in patient.answer.text


async def test_a_forged_form_only_asks_again(world: World, patient: Patient) -> None:
    """Unknown questions, a body that is no form, or too many fields store nothing."""
    for body in (b"question=final&choice=1", b"\xff\xfe", b"a=1&" * 1000):
        answer = await world.http.post(patient._path, content=body)
        assert (answer.status_code, await world.inbox_count()) == (200, 0)


async def test_an_unknown_link_is_not_found(world: World) -> None:
    """A token that never was, and one of another kind, look the same."""
    care = await a_link(world, LinkKind.CARE)
    answers = [await world.http.get(path) for path in (care, "/c/AAAAAAAAAAAAAAAA")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize("why", ["expired", "revoked", "journey ended"])
async def test_an_ended_link_names_the_clinics_phone(world: World, patient: Patient, why: str) -> None:
    """A link that counts no more is 410 for looking and answering, with a number to call."""
    if why == "expired":
        world.later(timedelta(days=31))
    elif why == "revoked":
        await world.store.links.revoke_of_patient(CLINIC, "p1", NOW)
    else:
        await world.store.journeys.project("j1", stage="cancelled", gates={}, ended_at=NOW)
    for _ in range(2):
        page = await patient.open()
        assert (patient.answer.status_code, "tel:+15005550001" in page.links) == (410, True)
        await patient.choose("3")


async def test_an_outage_is_a_page_too(world: World, patient: Patient) -> None:
    """While the database is down the patient reads what to do, and not a problem document."""
    world.database.down = True
    page = await patient.open()
    assert (patient.answer.status_code, page.heading) == (503, "Please try again")
