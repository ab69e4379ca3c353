"""Named time-outs and retry policies, each with its reason."""

from datetime import timedelta

from temporalio.common import RetryPolicy

STICKY_TIMEOUT = timedelta(seconds=3)
"""A killed worker is noticed after this long; the SDK's default of 10 s makes a reply wait (docs/performance.md)."""

SEND_TIMEOUT = timedelta(seconds=60)
"""Longer than a ledger lease (40 s): a retry then finds the row of a dead worker past its lease, never in flight."""

SEND_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=2)
)
"""`deliver` raises only while a row is provably pending (the database is away, a bug), so it may try for ever."""

RECORD_TIMEOUT = timedelta(seconds=20)
"""A few short transactions."""

RECORD_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)
"""What a journey says must reach the store; only the database being away keeps it from it."""

ALARM_RETRY = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), backoff_coefficient=2, maximum_interval=timedelta(seconds=10)
)
"""Somebody may be in danger: try again at once and often, without end."""

TEXT_RESENT_AFTER = timedelta(minutes=22)
"""Nobody knows whether a safety text went out: it is looked up for twenty minutes, then sent once more."""

PAGE_AGAIN_AFTER = timedelta(minutes=15)
"""When nobody has taken an urgent task by then, the next contact on the roster is paged."""

PAGE_ROUNDS = 3
"""How often the roster is gone through; the task stays open until a person closes it."""

SCAN_TIMEOUT = timedelta(minutes=10)
"""Some thousand texts, a thousand to a page of the provider's listing."""

SCAN_WITHIN = timedelta(hours=12)
"""The next day brings the next scan."""

SCAN_RETRY = RetryPolicy(
    initial_interval=timedelta(minutes=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=30)
)
"""The provider cannot be asked now; nobody waits for the answer."""

OUTWARD_TIMEOUT = timedelta(seconds=40)
"""One POST of 10 s at most, and a few transactions, for which SQLite may wait 15 s."""

OUTWARD_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=10),
    backoff_coefficient=2,
    maximum_interval=timedelta(hours=6),
    maximum_attempts=23,
)
"""A receiver's night or weekend: twelve tries in 11 hours, then every 6 hours to the end of the third day. Tries are
counted and not time, so that days without a worker cost the endpoint none."""

RECONCILE_TIMEOUT = timedelta(minutes=15)
"""One question per appointment where the list leaves out the patient (Calendly), and pauses that the system asks."""

RECONCILE_WITHIN = timedelta(minutes=50)
"""The next hour brings the next comparison; what is lost meanwhile is found then."""

RECONCILE_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5), backoff_coefficient=2, maximum_interval=timedelta(minutes=10)
)
"""The booking system is down or asks for a pause."""

POLL_TIMEOUT = timedelta(minutes=4)
"""A few pages of changes."""

POLL_WITHIN = timedelta(minutes=9)
"""Two rounds of five minutes; what was not fetched is fetched by the next one, since the cursor has not moved."""

POLL_RETRY = RetryPolicy(initial_interval=timedelta(seconds=10), backoff_coefficient=2)
"""As for the comparison, within minutes."""
