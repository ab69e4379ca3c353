"""The deployment files fit the program: its settings, commands, metrics and times."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from runtime.metrics import Metrics
from runtime.settings import Settings, misspelt

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
COMMANDS = {"worker", "api", "migrate", "register"}


def yaml(path: str) -> Any:
    """A parsed YAML file."""
    return YAML(typ="safe").load(DEPLOY / path)


def exported() -> set[str]:
    """All names under which Prometheus sees our metrics."""
    families = list(Metrics().registry.collect())
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_named_variables_are_settings(path: Path) -> None:
    """No deployment file sets a variable that Healgate does not read."""
    named = set(re.findall(r"HEALGATE_[A-Z_]*[A-Z]", path.read_text()))
    assert misspelt(dict.fromkeys(named, "")) == {}


def test_settings_of_the_files_are_valid() -> None:
    """What the files set beside secrets is accepted."""
    for given in (yaml("helm/healgate/values.yaml")["settings"], yaml("compose.yaml")["x-healgate"]["environment"]):
        plain = {name: value for name, value in given.items() if "$" not in value and "PROVIDER" not in name}
        fields = {name.removeprefix("HEALGATE_").lower(): value for name, value in plain.items()}
        assert Settings(**fields).metrics_port == 9464


@pytest.mark.parametrize("path", ["prometheus/alerts.yaml", "grafana/healgate.json"])
def test_watched_metrics_are_exported(path: str) -> None:
    """Alerts and panels ask only for metrics that exist."""
    asked = set(re.findall(r"\bhealgate_\w+", (DEPLOY / path).read_text()))
    assert asked
    assert asked <= exported()


def test_every_metric_is_on_the_dashboard() -> None:
    """What is worth counting is worth seeing."""
    panels = json.loads((DEPLOY / "grafana/healgate.json").read_text())["panels"]
    shown = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    assert [name for name in exported() if name not in shown] == []


def _commands() -> Iterator[str]:
    for service in yaml("compose.yaml")["services"].values():
        if "entrypoint" not in service and "command" in service:
            yield from service["command"]
    for template in (DEPLOY / "helm/healgate/templates").glob("*.yaml"):
        yield from re.findall(r"args: \[(\w+)\]", template.read_text())


def test_started_commands_exist() -> None:
    """Containers start the processes that the command line knows, each of them at least once."""
    assert set(_commands()) == COMMANDS


def test_processes_get_time_to_drain() -> None:
    """Every platform waits longer than the drain time before it kills."""
    unit = (DEPLOY / "systemd/healgate@.service").read_text()
    graces = [
        int(yaml("helm/healgate/values.yaml")["terminationGracePeriodSeconds"]),
        int(yaml("compose.yaml")["x-healgate"]["stop_grace_period"].removesuffix("s")),
        int(re.findall(r"TimeoutStopSec=(\d+)", unit)[0]),
    ]
    assert all(timedelta(seconds=grace) > Settings().drain_timeout for grace in graces)
