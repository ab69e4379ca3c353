"""What an operator asks of the command line: register, doctor, clinics, protocols, explain."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from temporalio.service import RPCError

from activities.messaging import PATHS
from channels.outward_webhook import signing_key
from domain.clinic import Clinic, Webhook
from domain.errors import BadInputError, HealgateError
from domain.records import LinkKind
from protocols.lint import check
from protocols.load import find_protocol, shipped
from relay.importing import refuse_problems
from relay.remapping import Remapping
from runtime.settings import Settings, load_settings, misspelt
from runtime.state import StateDir
from runtime.temporal import connect, ensure_namespace, register_search_attributes
from store import Database, Store, current_revision
from store.links import TOKEN_LENGTH
from worker.booking_lists import VendorLists, refuse_unpollable
from workflows.search_attributes import REGISTERED

Echo = Callable[[str], None]
LONGEST_LINK = 45
"""Characters (docs/protocols.md, Length)."""
EMBEDDED = "embedded.json"
"""Written by `up` into the state folder: what other commands on this machine need to find it."""


def embedded_settings() -> Settings:
    """The settings from the environment; where it says nothing of Temporal, those of the embedded mode's folder."""
    settings = load_settings()
    note = settings.state_dir / EMBEDDED
    if "HEALGATE_TEMPORAL_ADDRESS" in os.environ or not note.is_file():
        return settings
    for name, value in json.loads(note.read_text(encoding="utf-8")).items():
        os.environ.setdefault(name, value)
    return load_settings()


def write_embedded(state: StateDir, environment: dict[str, str]) -> None:
    """Leave the embedded mode's variables in its folder, for this user alone."""
    path = state.path / EMBEDDED
    path.touch(mode=0o600, exist_ok=True)
    path.write_text(json.dumps(environment, indent=2), encoding="utf-8")


async def register_temporal(settings: Settings, echo: Echo) -> None:
    """The namespace with a year's retention, and every search attribute."""
    client = await connect(settings, settings.key_ring())
    try:
        await ensure_namespace(client, settings.temporal_namespace)
        await register_search_attributes(client, REGISTERED)
    except RPCError as error:
        raise BadInputError(
            f"Temporal refused ({error.status.name}). Temporal Cloud takes namespaces and search attributes "
            f"from its console or tcld only: create {settings.temporal_namespace} and the keyword attributes "
            f"{', '.join(key.name for key in REGISTERED)} there."
        ) from None
    names = ", ".join(key.name for key in REGISTERED)
    echo(f"Namespace {settings.temporal_namespace} is registered with the search attributes {names}.")


async def examine(*, as_json: bool) -> None:
    """Check everything that a process needs; BadInputError (exit 2) when something must be mended."""
    settings = embedded_settings()
    findings = [*_misspelt(), *_senders(settings), links(settings)]
    findings += [*await _database(settings), *await _temporal(settings)]
    for finding in findings:
        text = json.dumps(finding) if as_json else f"{finding['state']:<5} {finding['what']}: {finding['says']}"
        sys.stdout.write(text + "\n")
    if any(finding["state"] == "bad" for finding in findings):
        raise BadInputError("Something must be mended, see the lines that begin with 'bad'.")


def _finding(what: str, says: str, *, bad: bool = False) -> dict[str, str]:
    return {"what": what, "state": "bad" if bad else "ok", "says": says}


def _misspelt() -> list[dict[str, str]]:
    known = {name: meant for name, meant in misspelt(os.environ).items() if meant is not None}
    return [_finding(name, f"is not a setting; did you mean {meant}?", bad=True) for name, meant in known.items()]


def _senders(settings: Settings) -> list[dict[str, str]]:
    try:
        settings.require_senders()
    except BadInputError as error:
        return [_finding("senders", str(error), bad=True)]
    return [_finding("senders", f"SMS by {settings.sms_provider}, e-mail by {settings.email_provider}")]


def links(settings: Settings) -> dict[str, str]:
    """Whether a patient's link leaves room for the words around it: the texts were measured with 45 characters."""
    length = len(f"{settings.public_base_url}/{PATHS[LinkKind.CHECK_IN]}/") + TOKEN_LENGTH
    said = f"{length} characters"
    if length > LONGEST_LINK:
        said += (
            f", more than {LONGEST_LINK}: texts will cost two segments; give HEALGATE_PUBLIC_BASE_URL a shorter host"
        )
    return _finding("links", said, bad=length > LONGEST_LINK)


async def _database(settings: Settings) -> list[dict[str, str]]:
    try:
        revision = await current_revision(settings.database_url)
    except HealgateError as error:
        return [_finding("database", f"{type(error).__name__}; check HEALGATE_DATABASE_URL", bad=True)]
    if revision is None:
        return [_finding("database", "has no tables yet; run healgate migrate", bad=True)]
    database = Database(settings.database_url)
    try:
        store = Store(database)
        clinics = await store.clinics.all()
        named = [(clinic.id, webhook) for clinic in clinics for webhook in clinic.webhooks]
        webhooks = [await webhook_finding(store, *each) for each in named]
    finally:
        await database.close()
    found = _finding("database", f"revision {revision}, {len(clinics)} clinics")
    return [found, *map(_clinic, clinics), *webhooks]


def _clinic(clinic: Clinic) -> dict[str, str]:
    from worker.assemble import named_secret

    live = f"live from {clinic.live_from}" if clinic.live_from else "in shadow mode: nothing is sent"
    roster = len(clinic.main.on_call)
    said = f"{live}; {roster} on call" if roster else f"{live}; nobody is on call, so nobody can be paged"
    sources = {name: VendorLists(named_secret).standing(clinic, name) for name in clinic.sources}
    how = "".join(f"; {name} {words}" for name, (words, _) in sources.items())
    return _finding(f"clinic {clinic.id}", said + how, bad=not roster or any(bad for _, bad in sources.values()))


async def webhook_finding(store: Store, clinic_id: str, webhook: Webhook) -> dict[str, str]:
    """Whether this endpoint can be told of anything: its secrets are there, and it has not said that it is gone."""
    from worker.assemble import named_secret

    what, secrets = f"webhook {clinic_id}/{webhook.name}", {name: named_secret(name) for name in webhook.secret_names}
    if missing := [name for name, secret in secrets.items() if not secret]:
        return _finding(what, f"no secret in {', '.join(missing)}; set it, or take the name out", bad=True)
    if unfit := [name for name, secret in secrets.items() if not signing_key(secret or "")]:
        return _finding(what, f"{', '.join(unfit)} must be whsec_ and base64 of 24 to 64 bytes", bad=True)
    if await store.outbox.is_switched_off(clinic_id, webhook.name):
        return _finding(what, "it answered 410 and is off; healgate clinic apply switches it on again", bad=True)
    return _finding(what, f"signed with {len(secrets)} secrets, told of {', '.join(webhook.events)}")


async def _temporal(settings: Settings) -> list[dict[str, str]]:
    try:
        client = await connect(settings, settings.key_ring())
        await client.count_workflows()
    except HealgateError as error:
        return [_finding("temporal", str(error), bad=True)]
    return [_finding("temporal", f"{settings.temporal_address}, namespace {settings.temporal_namespace}")]


async def apply_clinic(settings: Settings, file: Path, echo: Echo) -> None:
    """Create or change the clinic of a YAML file; nothing changes when the file is bad."""
    from worker.sources import check_sources

    clinic = read_clinic(file)
    check_sources(clinic)
    refuse_unpollable(clinic)
    database = Database(settings.database_url)
    try:
        again = await Remapping(Store(database)).apply(clinic, datetime.now(UTC))
    finally:
        await database.close()
    state = f"live from {clinic.live_from}" if clinic.live_from else "in shadow mode (set live_from to send)"
    echo(f"Clinic {clinic.id} is stored, {state}.")
    if again:
        echo(f"Services are mapped now that were not: stored deliveries applied in the next seconds: {again}.")


def read_clinic(file: Path) -> Clinic:
    """The clinic of a YAML file; BadInputError names what is wrong."""
    try:
        data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        return Clinic.model_validate(data)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{file}: cannot be read ({type(error).__name__})") from None
    except YAMLError as error:
        raise BadInputError(f"{file}: is not YAML: {error}") from None
    except ValidationError as error:
        lines = [f"{file}: {'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors()]
        raise BadInputError("\n".join(lines)) from None


def read_import(file: Path) -> bytes:
    """The file's bytes; BadInputError where there are none to read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInputError(f"{file}: cannot be read ({type(error).__name__})") from None


async def import_patients(settings: Settings, clinic_id: str, content: bytes, *, dry_run: bool, as_json: bool) -> None:
    """Import a CSV file, or say what that would do; BadInputError (exit 2) with every mistake, and nothing imported."""
    from worker.assemble import assembled, importer_of

    def progress(done: int, of: int) -> None:
        if done % 100 == 0 or done == of:
            sys.stderr.write(f"{done} of {of}\n")

    async with assembled(settings) as parts:
        clinic = await parts.store.clinics.get(clinic_id)
        report = await importer_of(parts).run(clinic, content, parts.clock(), dry_run=dry_run, progress=progress)
    if as_json:
        sys.stdout.write(report.model_dump_json() + "\n")
    refuse_problems(report)
    if not as_json:
        done = "would be" if dry_run else "were"
        sys.stdout.write(
            f"{report.rows} rows: {report.new_patients} new and {report.known_patients} known patients, "
            f"{report.consents} consents, {report.treatments} treatments done, {report.visits} visits ahead "
            f"{done} imported.\n"
        )


async def show_clinic(settings: Settings, clinic_id: str, out: TextIO) -> None:
    """The clinic as YAML."""
    database = Database(settings.database_url)
    try:
        clinic = await Store(database).clinics.get(clinic_id)
    finally:
        await database.close()
    YAML().dump(clinic.model_dump(mode="json"), out)


async def check_protocols(paths: Sequence[Path], *, as_json: bool) -> None:
    """Lint protocol files or folders; BadInputError (exit 2) when there is an error among the findings."""
    chosen = list(paths) or [find_protocol(name) for name in shipped()]
    findings = [finding for path in chosen for finding in check(path)]
    for finding in findings:
        text = json.dumps(finding.model_dump(mode="json")) if as_json else str(finding)
        sys.stdout.write(text + "\n")
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise BadInputError(f"{len(errors)} to mend; nothing was changed.")
    if not as_json:
        sys.stdout.write(f"{len(chosen)} checked, nothing to mend.\n")


async def explain_journey(settings: Settings, journey_id: str, *, as_json: bool) -> None:
    """Print what `/explain` of the staff API answers."""
    from api.staff.explain import explained
    from worker.assemble import assembled

    async with assembled(settings) as parts:
        record, store = await parts.store.journeys.get(journey_id), parts.store
        found = explained(
            record,
            None if record.ended_at else await parts.journeys.state(journey_id),
            await store.ledger.of_journey(journey_id),
            await store.audit.of_journey(journey_id),
            await store.tasks.listing(record.clinic_id, open_only=False, journey_id=journey_id),
        )
    explanation: dict[str, Any] = found.model_dump(mode="json")
    if as_json:
        sys.stdout.write(json.dumps(explanation) + "\n")
        return
    YAML().dump(explanation, sys.stdout)
