"""`healgate webhook-test`: signed samples of a booking system's events, sent to a running instance."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from api.webhooks.bookings import DELIVERY_HEADER
from bookings.registry import ADAPTERS
from bookings.sample_deliveries import SampleDelivery, sample_deliveries
from domain.clinic import BookingSource, Clinic
from domain.errors import BadInputError
from domain.records import InboxState
from runtime.settings import Settings
from store import Database, Store
from worker.assemble import named_secret

ANSWER_WITHIN = timedelta(seconds=20)
"""A worker takes a stored delivery within a second; one that waits for its vendor's API is told as it stands."""
LOOK_EVERY = 0.2

Echo = Callable[[str], None]


async def send_samples(settings: Settings, clinic_id: str, source: str, service: str, echo: Echo) -> None:
    """Post every event of the source's system, and print what the instance answered to each and what it did.

    The samples are about a made-up patient without consent, so nobody is texted. Exit code 2 where one was refused.
    """
    database = Database(settings.database_url)
    try:
        store = Store(database)
        clinic = await store.clinics.get(clinic_id)
        samples, url = _samples(settings, clinic, source, service), _url(settings, clinic_id, source)
        async with httpx.AsyncClient(timeout=10) as http:
            test = _Test(store, http, clinic_id, url, echo)
            refused = [sample.name for sample in samples if not await test.send(sample)]
    finally:
        await database.close()
    if refused:
        raise BadInputError(f"refused: {', '.join(refused)}. {_HINT}")


_HINT = (
    "After 403 compare the secret of this command's environment with the API's (and HEALGATE_PUBLIC_BASE_URL, which "
    "Square signs); after 404 apply the clinic file."
)


def _url(settings: Settings, clinic_id: str, source: str) -> str:
    return f"{settings.public_base_url}/webhooks/bookings/{clinic_id}/{source}"


def _samples(settings: Settings, clinic: Clinic, source: str, service: str) -> tuple[SampleDelivery, ...]:
    if source not in clinic.sources:
        known = ", ".join(sorted(clinic.sources)) or "none"
        raise BadInputError(f"clinic {clinic.id} has no booking system {source!r}; it has {known}")
    chosen, now = clinic.sources[source], datetime.now(UTC)
    if chosen.system not in ADAPTERS:
        raise BadInputError(f"{chosen.system!r} is no booking system; known are {', '.join(sorted(ADAPTERS))}")
    return sample_deliveries(
        chosen.system,
        _secret(chosen),
        now,
        run=str(int(now.timestamp())),
        url=_url(settings, clinic.id, source),
        service=service,
        options=chosen.options,
    )


def _secret(source: BookingSource) -> str:
    for name in source.secret_names:
        if secret := (named_secret(name) or "").strip():
            return secret
    names = ", ".join(source.secret_names) or "(none named in the clinic file)"
    raise BadInputError(f"none of the variables {names} is set; set the signing secret")


@dataclass(frozen=True)
class _Test:
    """One run against one instance."""

    store: Store
    http: httpx.AsyncClient
    clinic_id: str
    url: str
    echo: Echo

    async def send(self, sample: SampleDelivery) -> bool:
        """Send one sample and say what came of it; False where it was refused."""
        try:
            answer = await self.http.request(
                sample.method, self.url, content=sample.body, headers=dict(sample.headers), follow_redirects=False
            )
        except httpx.TransportError as error:
            raise BadInputError(
                f"{self.url} does not answer ({type(error).__name__}): start the API, or set HEALGATE_PUBLIC_BASE_URL"
            ) from None
        row_id = answer.headers.get(DELIVERY_HEADER)
        said = await self._did(row_id) if row_id else _without_row(answer)
        self.echo(f"{sample.name:<34} {answer.status_code} {said}")
        return answer.is_success

    async def _did(self, row_id: str) -> str:
        """What became of the stored delivery, as far as it is known in time."""
        deadline = asyncio.get_running_loop().time() + ANSWER_WITHIN.total_seconds()
        while True:
            row = await self.store.inbox.get(row_id)
            if row.state is InboxState.POISON:
                return f"set aside for a person ({row.error})"
            if row.state is InboxState.DONE:
                return await self._verdicts(row_id)
            if asyncio.get_running_loop().time() > deadline:
                return f"stored; waits ({row.error})" if row.error else "stored; waits: is a worker running?"
            await asyncio.sleep(LOOK_EVERY)

    async def _verdicts(self, row_id: str) -> str:
        entries = await self.store.audit.of_delivery(self.clinic_id, row_id)
        return ", ".join(_verdict(entry.data) for entry in entries) or "applied: this service is ignored"


def _verdict(data: dict[str, str]) -> str:
    return f"{data['status']}: {data['verdict']}"


def _without_row(answer: httpx.Response) -> str:
    if answer.is_success:
        return "answered, nothing to store"
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:120]
