"""The `healgate` command line."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import BadInputError, HealgateError
from runtime.settings import load_settings

app = typer.Typer(
    help="Durable treatment journeys: microneedling, healing, a check-in, and a gate before the laser.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
clinic_app = typer.Typer(help="Clinics in the database.", no_args_is_help=True)
app.add_typer(clinic_app, name="clinic")

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON lines, for machines.")]
BAD_INPUT = 2


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a command; what is wrong with its input goes to stderr in plain words, with exit code 2."""
    try:
        asyncio.run(work())
    except BadInputError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None
    except HealgateError as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def worker() -> None:
    """Run workflows and activities, and relay stored webhooks, until SIGTERM."""
    from worker.processes import run_worker

    _run(lambda: run_worker(_settings()))


@app.command()
def api() -> None:
    """Serve webhooks, the staff API and the patients' pages, until SIGTERM."""
    from worker.processes import run_api

    _run(lambda: run_api(_settings()))


@app.command()
def migrate() -> None:
    """Bring the database to this version's tables. Safe to run again, and beside running processes."""
    from store import migrate as bring_up

    async def work() -> None:
        settings = _settings()
        await bring_up(settings.database_url)
        typer.echo("The database is up to date.")

    _run(work)


@app.command()
def register() -> None:
    """Create the Temporal namespace and its search attributes, where they are missing."""
    from worker.admin import register_temporal

    _run(lambda: register_temporal(_settings(), typer.echo))


@app.command()
def doctor(as_json: JsonFlag = False) -> None:
    """Check settings, database, Temporal, clinics and protocols; say how to mend what is wrong."""
    from worker.admin import examine

    _run(lambda: examine(as_json=as_json))


@clinic_app.command("apply")
def clinic_apply(file: Annotated[Path, typer.Argument(help="YAML file of one clinic; see docs/operating.md.")]) -> None:
    """Create or change a clinic from its YAML file."""
    from worker.admin import apply_clinic

    _run(lambda: apply_clinic(_settings(), file, typer.echo))


@clinic_app.command("show")
def clinic_show(clinic: Annotated[str, typer.Argument(help="The clinic's id.")]) -> None:
    """Print a clinic as YAML, ready to be changed and applied again."""
    from worker.admin import show_clinic

    _run(lambda: show_clinic(_settings(), clinic, sys.stdout))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file of patients; docs/going-live.md has its columns.")],
    clinic: Annotated[str, typer.Option(help="The clinic's id.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and say what would happen.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring patients, consents, treatments already done and visits ahead in from a CSV file."""
    from worker.admin import import_patients, read_import

    _run(lambda: import_patients(_settings(), clinic, read_import(file), dry_run=dry_run, as_json=as_json))


@app.command()
def up() -> None:
    """Run everything on this machine: Temporal with its UI, sandbox, API and worker; state in .healgate/."""
    from worker.demo import stay_up

    _run(lambda: stay_up(load_settings()))


@app.command()
def demo(
    leave: Annotated[
        bool, typer.Option("--exit", help="Walk one patient through the whole journey, then end.")
    ] = False,
) -> None:
    """Like `up`, with a clock that can be moved; `--exit` shows one whole journey and ends."""
    from worker.demo import stay_up, walk

    _run(lambda: walk(load_settings()) if leave else stay_up(load_settings(), virtual_time=True))


@app.command()
def simulate(
    scenario: Annotated[Path, typer.Option(help="YAML file of the scenario; see docs/simulate.md.")],
    protocol: Annotated[str, typer.Option(help="Id of a protocol, or its file.")] = "microneedling-then-laser",
    as_json: JsonFlag = False,
) -> None:
    """Run one patient's journey in virtual time, by the production workflow code, and print what happens."""
    from sandbox.simulate import read_scenario, simulate, simulation_server
    from worker.timeline import Timeline

    async def work() -> None:
        given = read_scenario(scenario)
        emit = _json_line if as_json else Timeline(sys.stdout).line
        async with simulation_server() as client:
            await simulate(client, protocol, given, emit)

    _run(work)


@app.command("read-replies")
def read_replies(as_json: JsonFlag = False) -> None:
    """Read replies, one JSON object a line from standard input: {"text", "lang"?, "question"?}; adds label and rule."""
    from domain.replies import load_reader
    from domain.replies.batch import read_lines

    async def work() -> None:
        reader = await asyncio.to_thread(load_reader)
        for answer in read_lines(sys.stdin, reader):
            if as_json:
                _json_line(answer)
            else:
                typer.echo(f"{answer['label']:<11} {answer['rule']:<32} {answer['text']}")

    _run(work)


@app.command("check-protocol")
def check_protocol(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Protocol files or folders; none: the shipped ones.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Check protocol files and message templates; names file, line and mend for what is wrong."""
    from worker.admin import check_protocols

    _run(lambda: check_protocols(paths or [], as_json=as_json))


@app.command()
def explain(journey: Annotated[str, typer.Argument(help="The journey's id.")], as_json: JsonFlag = False) -> None:
    """Say for a journey what was sent, what was not and why, what comes next, and what would change it."""
    from worker.admin import explain_journey

    _run(lambda: explain_journey(_settings(), journey, as_json=as_json))


@app.command("webhook-test")
def webhook_test(
    source: Annotated[str, typer.Argument(help="Name of the clinic's booking system, as in its YAML file.")],
    clinic: Annotated[str, typer.Option(help="The clinic's id.")] = "sample",
    service: Annotated[str, typer.Option(help="A service as that system names it.")] = "microneedling",
) -> None:
    """Send a signed sample of every event of a booking system to the running instance; print what each did."""
    from worker.webhook_test import send_samples

    _run(lambda: send_samples(_settings(), clinic, source, service, typer.echo))


@app.command()
def reconcile(
    clinic: Annotated[str, typer.Argument(help="The clinic's id.")],
    source: Annotated[
        str | None, typer.Argument(help="Name of one booking system, as in the clinic file; none: all that can be.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what differs, and apply nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Compare the coming weeks with the booking system's own list now, and apply what webhooks lost."""
    from worker.reconciling import reconcile as compare_now

    _run(lambda: compare_now(_settings(), clinic, source, dry_run=dry_run, as_json=as_json, echo=typer.echo))


@app.command()
def bench() -> None:
    """Measure what one whole journey costs on the embedded server: events, bytes, seconds."""
    from worker.bench import measure

    _run(lambda: measure(typer.echo))


def _settings() -> Any:
    from worker.admin import embedded_settings

    return embedded_settings()


def _json_line(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the command and leave at once with its exit code.

    A Temporal client's threads may outlive the interpreter's own end and abort it (sdk-python issue 300), after all
    work is done: so nothing is left for that end to do.
    """
    try:
        app()
        code: object = 0
    except SystemExit as leaving:
        code = leaving.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)
