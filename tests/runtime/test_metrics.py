"""Counters and gauges as Prometheus reads them."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from runtime.metrics import Metrics

pytestmark = pytest.mark.slow  # Over HTTP to a server of its own.


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Value by name and sorted label values."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_counts_are_rendered() -> None:
    """What was counted can be read by name and label."""
    metrics = Metrics()
    metrics.webhooks.labels("twilio", "stored").inc()
    metrics.messages.labels("sms", "accepted").inc(2)
    metrics.tasks_open.labels("same_day").set(3)
    metrics.set_inbox(4, timedelta(minutes=1))
    seen = samples(metrics.render().decode())
    assert seen["healgate_webhooks_total", "stored", "twilio"] == 1
    assert seen["healgate_messages_total", "accepted", "sms"] == 2
    assert seen["healgate_tasks_open", "same_day"] == 3
    assert (seen["healgate_inbox_backlog",], seen["healgate_inbox_oldest_age_seconds",]) == (4, 60)


def test_an_empty_inbox_has_no_age() -> None:
    """When the last row is done the age falls back to zero, so that an alert ends."""
    metrics = Metrics()
    metrics.set_inbox(1, timedelta(hours=1))
    metrics.set_inbox(0, None)
    metrics.set_pending_oldest(None)
    seen = samples(metrics.render().decode())
    assert seen["healgate_inbox_oldest_age_seconds",] == 0
    assert seen["healgate_messages_oldest_pending_age_seconds",] == 0


async def test_a_worker_serves_its_metrics() -> None:
    """A process without an API can be scraped, and frees its port afterwards."""
    metrics = Metrics()
    metrics.relay_attempts.labels("done").inc()
    with metrics.serve(0) as port:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{port}/metrics")
    assert samples(answer.text)["healgate_relay_attempts_total", "done"] == 1
    with metrics.serve(port) as again:
        assert again == port
    await asyncio.sleep(0)
