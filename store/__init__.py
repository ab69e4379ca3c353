"""The store: what Healgate keeps, in SQLite or PostgreSQL."""

from collections.abc import Callable

from store.audit import Audit
from store.booking_news import BookingNews
from store.bookings import Bookings
from store.clinics import Clinics
from store.consents import Consents
from store.database import Database
from store.inbox import Inbox
from store.journeys import Journeys
from store.ledger import Ledger
from store.links import Links
from store.migrate import current_revision, migrate
from store.outward import Outbox
from store.patients import Patients
from store.pauses import Pauses
from store.questions import Questions
from store.read_model import ReadModel
from store.reconciliations import Reconciliations
from store.spool import Spool
from store.tasks import Tasks

__all__ = ["Database", "Spool", "Store", "current_revision", "migrate"]


class Store:
    """All repositories over one database."""

    def __init__(self, database: Database, *, new_token: Callable[[], str] | None = None) -> None:
        self.database = database
        self.clinics = Clinics(database)
        self.patients = Patients(database)
        self.consents = Consents(database)
        self.bookings = Bookings(database)
        self.booking_news = BookingNews(database)
        self.journeys = Journeys(database)
        self.ledger = Ledger(database)
        self.questions = Questions(database)
        self.pauses = Pauses(database)
        self.inbox = Inbox(database)
        self.reconciliations = Reconciliations(database)
        self.tasks = Tasks(database)
        self.audit = Audit(database)
        self.outbox = Outbox(database)
        self.links = Links(database, new_token)
        self.read_model = ReadModel(database)
