"""Endpoints of a clinic's own systems, their secrets, and what a receiver makes of a hit."""

import base64
from typing import Any

import standardwebhooks

from domain.clinic import Webhook
from tests.webhook_sink import Hit

SECRET, OLD_SECRET = "HEALGATE_WEBHOOK_SECRET", "HEALGATE_OLD_WEBHOOK_SECRET"
SECRETS = {
    SECRET: "whsec_" + base64.b64encode(b"new secret of the test's receiver").decode(),
    OLD_SECRET: "whsec_" + base64.b64encode(b"old secret of the test's receiver").decode(),
}


def a_webhook(name: str = "ehr", url: str = "https://ehr.example/hooks", **more: Any) -> Webhook:
    known: dict[str, Any] = {"name": name, "url": url, "secret_names": (SECRET,)}
    return Webhook.model_validate(known | more)


def verified(hit: Hit, secret_name: str = SECRET) -> dict[str, Any]:
    """The body, if the signature, the id and the time are good; else standardwebhooks' error."""
    told: dict[str, Any] = standardwebhooks.Webhook(SECRETS[secret_name]).verify(hit.body, hit.headers)
    return told
