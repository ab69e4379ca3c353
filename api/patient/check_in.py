"""The check-in page: one question at a time; after the last one the answers become one row of the inbox.

GET changes nothing and shows nothing that was answered: preview robots fetch links, and phones are shared.
"""

import hashlib
import json
import secrets
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.parts import ApiParts, Parts
from api.patient.dialogue import FULL, LONGEST, SEVERAL, Dialogue, Dialogues, Step, Turn, answer_text
from api.patient.pages import PatientRoute, message, page
from api.patient.visitors import LinkGoneError, Visitor, visitor_of
from api.webhooks.storing import inbox_row, keep
from domain.messages import Channel
from domain.records import LinkKind
from domain.replies import Reading
from domain.wording import MessageContext

MOST_FIELDS = 40

router = APIRouter(route_class=PatientRoute)


async def _visitor(token: str, parts: Parts) -> Visitor:
    """The link also ends with its journey: nobody would act on the answers."""
    visitor = await visitor_of(parts, token, LinkKind.CHECK_IN)
    journey = await parts.store.journeys.get(visitor.link.journey_id or "")
    if journey.ended_at is not None:
        raise LinkGoneError(visitor.words, visitor.clinic)
    return visitor


VisitorDep = Annotated[Visitor, Depends(_visitor)]


@router.get("/c/{token}")
async def first_question(visitor: VisitorDep, parts: Parts) -> HTMLResponse:
    """The first question, for whoever has the link."""
    return _ask(parts, visitor, Dialogue(nonce=secrets.token_hex(8), answers={}))


@router.post("/c/{token}")
async def next_question(visitor: VisitorDep, request: Request, parts: Parts) -> HTMLResponse:
    """Take an answer, and ask the next question or end."""
    form = _form(await request.body())
    dialogue, dialogues = _dialogue(form), _dialogues(parts, visitor)
    if "back" in form:
        return _ask(parts, visitor, dialogues.back(dialogue))
    question = dialogues.next(dialogue)
    if question is None or _first(form, "question") != question:
        return _ask(parts, visitor, dialogue)
    text = answer_text(question, form.get("choice", []), _first(form, "own_words"))
    return await _after(parts, visitor, dialogues.answer(dialogue, question, text))


async def _after(parts: ApiParts, visitor: Visitor, turn: Turn) -> HTMLResponse:
    words = visitor.words
    if turn.step is Step.URGENT:
        await _store(parts, visitor, turn.dialogue)
        return _urgent(parts, visitor, turn.reading)
    if turn.step is Step.DONE:
        await _store(parts, visitor, turn.dialogue)
        return message(words, words.done_title, words.done, clinic=visitor.clinic)
    errors = {Step.CHOOSE: words.choose, Step.UNCLEAR: words.unclear}
    return _ask(parts, visitor, turn.dialogue, error=errors.get(turn.step, ""))


async def _store(parts: ApiParts, visitor: Visitor, dialogue: Dialogue) -> None:
    """One row for the whole set; the same set sent twice is one, a corrected one is another."""
    link = visitor.link
    answers = [{"question": question.value, "text": text} for question, text in dialogue.answers.items()]
    known = {"patient_id": link.patient_id, "journey_id": link.journey_id, "ask_id": link.data.get("ask_id", "")}
    body = json.dumps({**known, "answers": answers}).encode()
    digest = hashlib.sha256(body).hexdigest()[:16]
    row = inbox_row(
        parts,
        clinic_id=link.clinic_id,
        source="page",
        delivery_id=f"{link.token}:{dialogue.nonce}:{digest}",
        key=f"phone:{visitor.patient.phone or visitor.patient.id}",
        body=body,
    )
    await keep(parts, row, counted_as="page")


def _ask(parts: ApiParts, visitor: Visitor, dialogue: Dialogue, error: str = "") -> HTMLResponse:
    dialogues, words = _dialogues(parts, visitor), visitor.words
    order = dialogues.order(dialogue.answers)
    question = dialogues.next(dialogue) or order[-1]
    number = order.index(question) + 1
    return page(
        "question",
        words,
        status=422 if error else 200,
        clinic=visitor.clinic.name,
        phone=visitor.clinic.main.phone,
        question=question,
        asked=words.question[question],
        several=question in SEVERAL,
        dialogue=dialogue,
        progress=words.step.format(number=number, total=len(order)),
        number=number,
        total=len(order),
        error=error,
    )


def _urgent(parts: ApiParts, visitor: Visitor, reading: Reading | None) -> HTMLResponse:
    """The clinic's fixed words for what cannot wait, the same as by SMS."""
    place, now = visitor.clinic.main, parts.clock()
    key = "crisis" if reading and reading.self_harm else "urgent_safety"
    context = MessageContext(
        clinic=visitor.clinic.name,
        zone=visitor.clinic.timezone,
        phone=place.phone_at(now),
        sos=place.emergency_number,
        country=visitor.clinic.country,
    )
    fixed = parts.templates.render(key, Channel.SMS, context, visitor.patient.locale)
    return page(
        "urgent",
        visitor.words,
        clinic=visitor.clinic.name,
        text=fixed.body,
        phone=context.phone,
        emergency=context.sos,
    )


def _dialogues(parts: ApiParts, visitor: Visitor) -> Dialogues:
    return Dialogues(parts.reader, visitor.patient.locale)


def _form(body: bytes) -> dict[str, list[str]]:
    """The posted fields; nothing where the body is no form, which asks again."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def _dialogue(form: dict[str, list[str]]) -> Dialogue:
    answers = {one: text for one in FULL if (text := _first(form, f"answer_{one.value}")[:LONGEST])}
    nonce = _first(form, "nonce")[:32] or secrets.token_hex(8)
    return Dialogue(nonce=nonce, answers=answers, asked_back=_first(form, "asked_back") == "1")


def _first(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0]
