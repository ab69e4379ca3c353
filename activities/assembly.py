"""Puts the activities together from ports: the worker, the simulator and the tests each bring their own adapters."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from activities.breaker import MOST_PER_HOUR, Breaker
from activities.covering import Covering
from activities.messaging import Messaging
from activities.outward import Outward
from activities.post_office import Observe, PostOffice, unobserved
from activities.reconcile import Reconcile, uncounted
from activities.records import Records
from activities.safety import Safety
from activities.scan import Scan
from activities.silence import Silence
from domain import ports
from domain.quiet_rules import NO_RULES, QuietRules


class Books(Protocol):
    """The store, as far as activities need it."""

    @property
    def clinics(self) -> ports.Clinics: ...
    @property
    def patients(self) -> ports.Patients: ...
    @property
    def consents(self) -> ports.Consents: ...
    @property
    def bookings(self) -> ports.Bookings: ...
    @property
    def journeys(self) -> ports.Journeys: ...
    @property
    def ledger(self) -> ports.Ledger: ...
    @property
    def questions(self) -> ports.Questions: ...
    @property
    def inbox(self) -> ports.Inbox: ...
    @property
    def reconciliations(self) -> ports.Reconciliations: ...
    @property
    def tasks(self) -> ports.Tasks: ...
    @property
    def audit(self) -> ports.Audit: ...
    @property
    def links(self) -> ports.Links: ...
    @property
    def pauses(self) -> ports.Pauses: ...
    @property
    def outbox(self) -> ports.Outbox: ...


class Assembly(NamedTuple):
    """The activities, and the post office that they share with whoever else sends."""

    post_office: PostOffice
    messaging: Messaging
    records: Records
    safety: Safety
    scan: Scan
    reconcile: Reconcile
    silence: Silence
    outward: Outward | None
    """None where nobody outside is told: the simulator."""


def assemble_activities(
    books: Books,
    wording: ports.Wording,
    sms: ports.SmsSender,
    email: ports.EmailSender,
    public_base_url: str,
    observe: Observe = unobserved,
    *,
    most_per_hour: int = MOST_PER_HOUR,
    archive: ports.SmsArchive | None = None,
    outward: ports.OutwardSender | None = None,
    quiet_rules: QuietRules = NO_RULES,
    lists: ports.BookingLists | None = None,
    count_lost: Callable[[str, int], None] = uncounted,
) -> Assembly:
    """All activities over one store and one pair of senders."""
    breaker = Breaker(books.pauses, books.ledger, books.tasks, most_per_hour)
    post_office = PostOffice(books.ledger, books.consents, wording, sms, email, observe, breaker)
    return Assembly(
        post_office,
        Messaging(
            post_office, books.clinics, books.patients, books.bookings, books.links, public_base_url, quiet_rules
        ),
        Records(books.journeys, books.tasks, books.audit, books.questions, Covering(post_office, books.clinics)),
        Safety(post_office, books.clinics, books.patients, books.tasks, books.inbox, books.audit),
        Scan(books.ledger, books.clinics, books.tasks, archive),
        Reconcile(books.clinics, books.bookings, books.inbox, books.tasks, books.reconciliations, lists, count_lost),
        Silence(books.clinics, books.inbox, books.tasks, books.reconciliations),
        Outward(books.outbox, books.clinics, books.tasks, outward) if outward else None,
    )
