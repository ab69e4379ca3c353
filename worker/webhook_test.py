"""`healgate webhook-test`: signed samples of a booking system's events, sent to a running instance."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from bookings.registry import ADAPTERS
from bookings.sample_deliveries import sample_deliveries
from domain.errors import BadInputError
from runtime.settings import Settings
from store import Database, Store
from worker.assemble import named_secret


async def send_samples(
    settings: Settings, clinic_id: str, source: str, service: str, echo: Callable[[str], None]
) -> None:
    """Post every event of the source's system, and print what the instance answered to each.

    The samples are about a made-up patient without consent, so nobody is texted.
    """
    database = Database(settings.database_url)
    try:
        clinic = await Store(database).clinics.get(clinic_id)
    finally:
        await database.close()
    if source not in clinic.sources:
        known = ", ".join(sorted(clinic.sources)) or "none"
        raise BadInputError(f"clinic {clinic_id} has no booking system {source!r}; it has {known}")
    chosen = clinic.sources[source]
    secret = next((found for name in chosen.secret_names if (found := named_secret(name))), None)
    if secret is None:
        raise BadInputError(f"none of the variables {', '.join(chosen.secret_names)} is set; set the signing secret")
    url = f"{settings.public_base_url}/webhooks/bookings/{clinic_id}/{source}"
    now = datetime.now(UTC)
    if chosen.system not in ADAPTERS:
        raise BadInputError(f"{chosen.system!r} is no booking system; known are {', '.join(sorted(ADAPTERS))}")
    samples = sample_deliveries(
        chosen.system, secret, now, run=str(int(now.timestamp())), url=url, service=service, options=chosen.options
    )
    async with httpx.AsyncClient(timeout=10) as http:
        for sample in samples:
            answer = await http.post(url, content=sample.body, headers=dict(sample.headers))
            echo(f"{sample.name:<32} {answer.status_code} {answer.text[:120]}")
