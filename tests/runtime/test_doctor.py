"""What the doctor says of the settings alone."""

import pytest

from runtime.settings import Settings
from worker.admin import links


@pytest.mark.parametrize(
    ("base_url", "state"),
    [
        ("https://visit.example", "ok"),
        ("https://v.skin-clinic.test", "ok"),
        ("https://visits.skin-clinic.test", "bad"),
    ],
)
def test_a_link_has_room_in_its_text(base_url: str, state: str) -> None:
    """Base address, one letter and sixteen signs must stay within 45 characters, or each text costs two segments."""
    assert links(Settings(public_base_url=base_url))["state"] == state
