"""Sends one message on one channel at most once: opens its ledger row, checks, renders, claims, posts.

Whatever is not sent gets its reason in the ledger. Only a claim may POST, and a claim is made once per attempt, so this
may run again at any point: a row found in `sending` is never posted again (docs/send-once.md).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from activities.breaker import Breaker
from domain.calendar import local_date
from domain.clinic import Clinic, Location
from domain.errors import (
    ChannelMisconfiguredError,
    ContentRefusedError,
    NotSentError,
    OptedOutError,
    OutcomeUnknownError,
    RejectedError,
)
from domain.journey.events import Outcome
from domain.messages import Attachment, Channel, EmailMessage, FailureClass, Frozen, Receipt, SmsMessage
from domain.patient import Consent, ConsentStatus
from domain.ports import Consents, EmailSender, Ledger, SmsSender, Wording
from domain.records import Claim, MessageRow, MessageState, NewMessage, NewQuestion, Rendered, SkipReason
from domain.segments import segments
from domain.wording import MessageContext, RenderedText

LEASE = timedelta(seconds=40)
"""Longer than any POST can take (the channels' time-outs are 10 s), shorter than the activity's time-out."""
BACK_OFF = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(minutes=30)
DAILY_CAP = 12
"""Messages per patient and day; a check-in dialogue and its day's care texts need at most eight."""
MAX_VALIDITY = 36_000
"""Seconds; Twilio's limit of ValidityPeriod."""


class Letter(Frozen):
    """One message before it is rendered: what, to whom, and under which conditions."""

    new: NewMessage
    address: str | None
    locale: str
    key: str
    """Name of the template; the touchpoint's own, or its fallback."""
    context: MessageContext
    refuse: SkipReason | None = None
    """What the caller already found against it."""
    replaced_by: str | None = None
    """Where it is superseded: id of the row whose message says this one's as well."""
    treatments: str | None = None
    """Codes of the treatments that it speaks of, with commas; of aftercare alone."""
    quiet_until: datetime | None = None
    late: bool = False
    """Its journey decides anew what becomes of it, since its time has passed."""
    question: NewQuestion | None = None
    needs_consent: bool = True
    unsubscribe_url: str | None = None
    attachments: tuple[Attachment, ...] = ()
    """Known once the text is rendered."""
    first_pause: timedelta = BACK_OFF
    """Before the second try, where the provider provably did not take it; doubled with each try."""


Observe = Callable[[Outcome], None]


def unobserved(_outcome: Outcome) -> None:
    """Nobody counts."""


@dataclass(frozen=True)
class PostOffice:
    """Everything that sending needs."""

    ledger: Ledger
    consents: Consents
    wording: Wording
    sms: SmsSender
    email: EmailSender
    observe: Observe = unobserved
    breaker: Breaker | None = None

    async def post(self, letter: Letter, clinic: Clinic, location: Location, now: datetime) -> Outcome:
        """Send the letter unless something stands against it."""
        outcome = await self._try(letter, clinic, location, now)
        self.observe(outcome)
        return outcome

    async def _try(self, letter: Letter, clinic: Clinic, location: Location, now: datetime) -> Outcome:
        row = await self.ledger.open(letter.new)
        if row.state is not MessageState.PENDING:
            return _settled(row)
        consent = await self._consent(letter, row)
        if reason := await self._against(letter, row, consent, clinic, now):
            unsent = self._would_say(letter, consent) if reason is SkipReason.SHADOW else None
            replaced_by = letter.replaced_by if reason is SkipReason.SUPERSEDED else None
            await self.ledger.skip(row.id, reason, now, unsent, replaced_by)
            return Outcome(channel=row.channel, state="skipped", reason=reason.value)
        if (reason_and_end := await self._not_now(letter, row, clinic, now)) is not None:
            why, until = reason_and_end
            return Outcome(channel=row.channel, state="deferred", reason=why, until=until)
        text = self.wording.render(letter.key, letter.new.channel, letter.context, letter.locale)
        rendered = _rendered(text, letter, consent)
        claim = await self.ledger.claim(row.id, rendered, now=now, lease=LEASE, question=letter.question)
        if claim is None and letter.new.merge_key:
            return Outcome(channel=row.channel, state="deferred", reason="merging", until=now + BACK_OFF)
        if claim is None or not await self.ledger.still_mine(claim, now):
            return Outcome(channel=row.channel, state="unknown", reason="taken")
        with_files = letter.model_copy(update={"attachments": text.attachments})
        return await self._post(claim, with_files, clinic, location, now)

    # Before

    async def _not_now(
        self, letter: Letter, row: MessageRow, clinic: Clinic, now: datetime
    ) -> tuple[str, datetime] | None:
        """Why it waits, and until when."""
        if letter.quiet_until:
            return "quiet_hours", letter.quiet_until
        if letter.late:
            return "late", now + BACK_OFF
        paused = self.breaker and letter.needs_consent and await self.breaker.paused_until(clinic, row.channel, now)
        return ("paused", paused) if paused else None

    async def _consent(self, letter: Letter, row: MessageRow) -> Consent | None:
        if letter.address is None:
            return None
        return await self.consents.status(row.clinic_id, row.channel, letter.address)

    async def _against(
        self, letter: Letter, row: MessageRow, consent: Consent | None, clinic: Clinic, now: datetime
    ) -> SkipReason | None:
        """The first thing that stands against it. Neither consent, shadow mode nor cap holds safety texts back."""
        found = letter.refuse or _past(letter, row, now)
        if found is None and letter.needs_consent:
            found = _no_consent(consent) or _not_live(clinic, row, now) or await self._over_cap(row, clinic, now)
        return found

    def _would_say(self, letter: Letter, consent: Consent | None) -> Rendered:
        text = self.wording.render(letter.key, letter.new.channel, letter.context, letter.locale)
        return _rendered(text, letter, consent)

    async def _over_cap(self, row: MessageRow, clinic: Clinic, now: datetime) -> SkipReason | None:
        if row.patient_id is None:
            return None
        midnight = clinic.main.calendar.at(local_date(now, clinic.timezone), time(0))
        sent = await self.ledger.count_sent(row.clinic_id, row.patient_id, midnight)
        return SkipReason.CAP if sent >= DAILY_CAP else None

    # The one POST

    async def _post(self, claim: Claim, letter: Letter, clinic: Clinic, location: Location, now: datetime) -> Outcome:
        channel = claim.row.channel
        try:
            receipt = await self._hand_over(claim, letter, location, now)
        except NotSentError as error:
            await self.ledger.give_back(claim, error.code, now)
            until = now + max(error.retry_after or timedelta(), _back_off(letter.first_pause, claim.row.attempt))
            return Outcome(channel=channel, state="deferred", reason=error.code, until=until)
        except ChannelMisconfiguredError as error:
            return await self._our_fault(claim, letter, clinic, error, now)
        except OutcomeUnknownError as error:
            await self.ledger.unknown(claim, error.code, now)
            return Outcome(channel=channel, state="unknown", reason=error.code)
        except RejectedError as error:
            await self._rejected(claim, error, now)
            reason = "opted_out" if isinstance(error, OptedOutError) else error.code
            return Outcome(channel=channel, state="rejected", reason=reason)
        await self.ledger.accepted(claim, receipt, now)
        return Outcome(channel=channel, state="accepted")

    async def _our_fault(
        self, claim: Claim, letter: Letter, clinic: Clinic, error: ChannelMisconfiguredError, now: datetime
    ) -> Outcome:
        """The set-up is wrong, not the message: it waits until somebody has mended it."""
        channel = claim.row.channel
        if self.breaker is None:
            await self._rejected(claim, error, now)
            return Outcome(channel=channel, state="rejected", reason=error.code)
        await self.ledger.give_back(claim, error.code, now)
        until = await self.breaker.trip(clinic, channel, "the provider refuses the set-up", now, code=error.code)
        if not letter.needs_consent:
            until = now + _back_off(letter.first_pause, claim.row.attempt)
        return Outcome(channel=channel, state="deferred", reason=error.code, until=until)

    async def _hand_over(self, claim: Claim, letter: Letter, location: Location, now: datetime) -> Receipt:
        if claim.row.channel is Channel.SMS:
            return await self.sms.send(_sms(claim, location, now))
        return await self.email.send(_email(claim, letter, location))

    async def _rejected(self, claim: Claim, error: RejectedError, now: datetime) -> None:
        await self.ledger.rejected(claim, error.code, _failure(error), now)
        if isinstance(error, OptedOutError) and claim.row.to:
            await self.consents.record(
                Consent(
                    clinic_id=claim.row.clinic_id,
                    channel=claim.row.channel,
                    address=claim.row.to,
                    status=ConsentStatus.REVOKED,
                    origin=f"provider:{error.code}",
                    at=now,
                )
            )


def _rendered(text: RenderedText, letter: Letter, consent: Consent | None) -> Rendered:
    content = "\x1f".join((text.subject or "", text.body, text.html or ""))
    hashed = hashlib.sha256(content.encode())
    for attached in text.attachments:
        hashed.update(b"\x1f" + attached.content)
    return Rendered(
        to=letter.address or "",
        body=text.body,
        subject=text.subject,
        body_html=text.html,
        content_hash=hashed.hexdigest(),
        template_version=text.template_version,
        segments=segments(text.body).segments if letter.new.channel is Channel.SMS else None,
        consent_wording=consent.wording_version if consent else "",
        treatments=letter.treatments,
    )


def _past(letter: Letter, row: MessageRow, now: datetime) -> SkipReason | None:
    """Past its usefulness, now or by the time the quiet hours end."""
    if row.expires_at is None:
        return None
    if now >= row.expires_at:
        return SkipReason.EXPIRED
    return SkipReason.QUIET_HOURS if letter.quiet_until and letter.quiet_until >= row.expires_at else None


def _not_live(clinic: Clinic, row: MessageRow, now: datetime) -> SkipReason | None:
    """Nothing is sent before the clinic goes live, and on that day nothing that was due before."""
    if clinic.live_from is None or local_date(now, clinic.timezone) < clinic.live_from:
        return SkipReason.SHADOW
    return SkipReason.BEFORE_GO_LIVE if local_date(row.due_at, clinic.timezone) < clinic.live_from else None


def _no_consent(consent: Consent | None) -> SkipReason | None:
    if consent is None or consent.status is ConsentStatus.UNKNOWN:
        return SkipReason.NO_CONSENT
    return SkipReason.OPTED_OUT if consent.status is ConsentStatus.REVOKED else None


def _settled(row: MessageRow) -> Outcome:
    """What became of a row in an earlier try; `sending` was left behind by a process that died, or is in its hands."""
    match row.state:
        case MessageState.ACCEPTED:
            return Outcome(channel=row.channel, state="accepted")
        case MessageState.REJECTED:
            return Outcome(channel=row.channel, state="rejected", reason=row.reason or "")
        case MessageState.SENDING | MessageState.UNKNOWN | MessageState.NEEDS_REVIEW:
            return Outcome(channel=row.channel, state="unknown", reason=row.reason or "")
        case _:
            return Outcome(channel=row.channel, state="skipped", reason=row.reason or row.state.value)


def _back_off(first: timedelta, attempt: int) -> timedelta:
    return min(first * (1 << min(attempt - 1, 10)), LONGEST_BACK_OFF)


def _failure(error: RejectedError) -> FailureClass:
    if isinstance(error, OptedOutError):
        return FailureClass.OPTED_OUT
    if isinstance(error, ChannelMisconfiguredError):
        return FailureClass.CONFIGURATION
    return FailureClass.CONTENT if isinstance(error, ContentRefusedError) else FailureClass.NUMBER


def _sms(claim: Claim, location: Location, now: datetime) -> SmsMessage:
    row = claim.row
    useful = int((row.expires_at - now).total_seconds()) if row.expires_at else None
    return SmsMessage(
        message_id=row.id,
        attempt=row.attempt,
        clinic_id=row.clinic_id,
        to=row.to or "",
        sender=location.sms_sender,
        body=row.body or "",
        valid_for_seconds=max(1, min(useful, MAX_VALIDITY)) if useful is not None else None,
    )


def _email(claim: Claim, letter: Letter, location: Location) -> EmailMessage:
    row = claim.row
    return EmailMessage(
        message_id=row.id,
        attempt=row.attempt,
        clinic_id=row.clinic_id,
        to=row.to or "",
        sender=location.email_sender,
        sender_name=letter.context.clinic,
        subject=row.subject or letter.context.clinic,
        text=row.body or "",
        html=row.body_html or "",
        unsubscribe_url=letter.unsubscribe_url,
        attachments=letter.attachments,
    )
