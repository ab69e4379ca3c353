"""The composition root hands a clinic's own data files to everything that sends."""

from pathlib import Path

import pytest

from protocols.quiet_rules import load_quiet_rules
from runtime.key_ring import KeyRing
from runtime.metrics import Metrics
from runtime.settings import load_settings
from tests.fakes import RecordingEmail, RecordingSms
from worker.assemble import activities_of, assembled

OWN = 'rules:\n  - {region: US, hours: {mon-sun: "10:00-11:00"}, source: "our counsel, 2027"}\n'


async def test_a_clinics_quiet_rules_reach_journeys_and_sending(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in the clinic's folder counts when a journey starts and again when a message is sent."""
    (tmp_path / "quiet_hours.yaml").write_text(OWN)
    monkeypatch.setenv("HEALGATE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HEALGATE_CLINIC_DIR", str(tmp_path))
    monkeypatch.setenv("HEALGATE_PAYLOAD_KEYS", KeyRing.generate().dump())
    monkeypatch.setenv("HEALGATE_STATE_DIR", str(tmp_path / "state"))
    async with assembled(load_settings(), lazy=True) as parts:
        activities = activities_of(parts, RecordingSms(), RecordingEmail(), Metrics())
        rules = load_quiet_rules(tmp_path)
        assert parts.starter.quiet_rules == activities.messaging.quiet_rules == rules
    assert [rule.region for rule in rules.rules] == ["US"]
