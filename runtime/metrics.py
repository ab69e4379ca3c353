"""What Healgate counts about itself. Labels come from short fixed lists: never ids, and nothing about people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import start_http_server

from runtime.ports import LOOPBACK

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """One process's counters and gauges, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.webhooks = Counter(
            "healgate_webhooks",
            "Webhooks by source and outcome (stored, duplicate, spooled, refused)",
            ["source", "outcome"],
            registry=self.registry,
        )
        self.relay_attempts = Counter(
            "healgate_relay_attempts",
            "Tries to hand an inbox row on, by outcome (done, retry, poison)",
            ["outcome"],
            registry=self.registry,
        )
        self.messages = Counter(
            "healgate_messages",
            "Messages by channel and outcome of the hand-over or callback",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self.lost_bookings = Counter(
            "healgate_lost_bookings",
            "Changes of bookings that no webhook brought and reconciliation found, by booking system",
            ["system"],
            registry=self.registry,
        )
        self.sources_silent = self._gauge(
            "healgate_booking_sources_silent", "Booking systems that have sent nothing for longer than usual"
        )
        self.reconciled_oldest = self._gauge(
            "healgate_reconciliation_oldest_age_seconds",
            "Age of the last whole comparison, of the booking system that was not compared for the longest time",
        )
        self.inbox_backlog = self._gauge("healgate_inbox_backlog", "Inbox rows that are not done")
        self.inbox_oldest = self._gauge("healgate_inbox_oldest_age_seconds", "Age of the oldest such row")
        self.pending_oldest = self._gauge(
            "healgate_messages_oldest_pending_age_seconds", "Age of the oldest message that is due and not handed over"
        )
        self.messages_open = Gauge(
            "healgate_messages_open",
            "Messages whose fate is open, by state (sending, unknown, needs_review)",
            ["state"],
            registry=self.registry,
        )
        self.channel_paused = Gauge(
            "healgate_channel_paused",
            "1 while nothing is sent on the channel because the provider refuses our set-up, or too much was sent",
            ["channel"],
            registry=self.registry,
        )
        self.clinics_without_on_call = self._gauge(
            "healgate_clinics_without_on_call", "Live clinics with an empty roster: an urgent reply there pages nobody"
        )
        self.tasks_open = Gauge("healgate_tasks_open", "Open tasks by urgency", ["urgency"], registry=self.registry)

    def set_inbox(self, backlog: int, oldest: timedelta | None) -> None:
        """Rows waiting in the inbox, and the age of the oldest (None: the inbox is empty)."""
        self.inbox_backlog.set(backlog)
        self.inbox_oldest.set(_seconds(oldest))

    def set_pending_oldest(self, oldest: timedelta | None) -> None:
        """Age of the oldest due message that was not handed over (None: there is none)."""
        self.pending_oldest.set(_seconds(oldest))

    def set_sources(self, silent: int, oldest: timedelta | None) -> None:
        """Silent booking systems, and the age of the oldest last comparison (None: nothing is compared)."""
        self.sources_silent.set(silent)
        self.reconciled_oldest.set(_seconds(oldest))

    def render(self) -> bytes:
        """The text for /metrics; its content type is `CONTENT_TYPE`."""
        return generate_latest(self.registry)

    @contextmanager
    def serve(self, port: int, host: str = LOOPBACK) -> Iterator[int]:
        """Serve /metrics from a thread, for processes without an API. Yields the port (0 picks one)."""
        server, thread = start_http_server(port, addr=host, registry=self.registry)
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)


def _seconds(span: timedelta | None) -> float:
    return 0.0 if span is None else span.total_seconds()
