"""A patient's phone: what they got, and what they answer."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.segments import segments
from sandbox.box import Sandbox
from sandbox.carrier import carry, new_sid
from sandbox.faults import Event
from sandbox.records import Text
from sandbox.twilio_rules import AutoReply, keyword
from sandbox.twilio_shape import API_VERSION


class Reply(BaseModel):
    """What a patient writes. Without `to`: to the number that last texted them."""

    model_config = ConfigDict(extra="forbid")

    body: str = Field(max_length=1600)
    to: str | None = None
    media_count: int = Field(default=0, ge=0, le=10)
    message_sid: str | None = None
    """To post one text again, as a provider may."""


async def receive(box: Sandbox, number: str, reply: Reply) -> tuple[Text, int | None]:
    """Opt-out words first, as Twilio does, then the signed webhook. Answers the text and the webhook's last status."""
    known = box.state.texts.get(reply.message_sid or "")
    text = known or _written(box, number, reply)
    word = None if box.faults.redaction else keyword(text.body)
    if word and not known:
        _obey(box, text, word)
    return text, await _hand_over(box, text, word)


def conversation(box: Sandbox, number: str) -> list[Text]:
    """All texts from and to a patient, oldest first."""
    return [one for one in box.state.texts.values() if one.patient == number]


def patients(box: Sandbox) -> dict[str, Text]:
    """Each number with its newest text, newest first."""
    newest: dict[str, Text] = {}
    for one in reversed(box.state.texts.values()):
        newest.setdefault(one.patient, one)
    return newest


def _written(box: Sandbox, number: str, reply: Reply) -> Text:
    text = Text(
        sid=reply.message_sid or new_sid(),
        direction="inbound",
        to=reply.to or _last_sender(box, number),
        sender=number,
        body=reply.body,
        num_media=reply.media_count,
        status="received",
    )
    box.state.save_text(text)
    return text


def _last_sender(box: Sandbox, number: str) -> str:
    received = (one for one in reversed(box.state.texts.values()) if one.patient == number)
    return next((one.clinic for one in received), box.config.service_number)


def _obey(box: Sandbox, text: Text, word: AutoReply) -> None:
    """START answers only where there was a STOP: Twilio does not say, and a second answer would surprise."""
    was_out = box.state.opted_out(text.clinic, text.patient)
    if word.kind == "STOP":
        box.state.opt_out(text.clinic, text.patient)
    if word.kind == "START":
        box.state.opt_in(text.clinic, text.patient)
    due = {"STOP": not was_out, "START": was_out, "HELP": True}[word.kind]
    if due:
        _answer_for_clinic(box, text, word.text)


def _answer_for_clinic(box: Sandbox, text: Text, words: str) -> None:
    answer = Text(
        sid=new_sid(), direction="outbound-reply", to=text.patient, sender=text.clinic, body=words, status="queued"
    )
    box.state.save_text(answer)
    box.spawn(carry(box, answer))


async def _hand_over(box: Sandbox, text: Text, word: AutoReply | None) -> int | None:
    url = box.config.inbound_urls.get(text.to) or box.config.inbound_url
    if not url:
        return None
    fields = _fields(box, text)
    if word and box.config.advanced_opt_out:
        fields["OptOutType"] = word.kind
    fault = box.faults.pick(Event(where="inbound", channel="sms", number=text.sender, body=text.body))
    return await box.webhooks.post_form(url, fields, fault)


def _fields(box: Sandbox, text: Text) -> dict[str, str]:
    places = {f"{who}{part}": "" for who in ("From", "To") for part in ("City", "State", "Zip")}
    media: dict[str, Any] = {}
    for index in range(text.num_media):
        media[f"MediaUrl{index}"] = f"https://api.twilio.com/{API_VERSION}/sandbox/{text.sid}/Media/{index}"
        media[f"MediaContentType{index}"] = "image/jpeg"
    return (
        places
        | media
        | {
            "AccountSid": box.config.account_sid,
            "ApiVersion": API_VERSION,
            "Body": text.body,
            "From": text.sender,
            "FromCountry": "US",
            "MessageSid": text.sid,
            "NumMedia": str(text.num_media),
            "NumSegments": str(segments(text.body).segments),
            "SmsMessageSid": text.sid,
            "SmsSid": text.sid,
            "SmsStatus": "received",
            "To": text.to,
            "ToCountry": "US",
        }
    )
