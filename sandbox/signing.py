"""Signatures on the sandbox's webhooks, made as the vendors document them.

Written from the vendors' documents and not by their packages, so that the packages' validators check it in the tests.
"""

import base64
import hmac
from collections.abc import Mapping
from typing import Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Algorithm = Literal["sha1", "sha256"]


def twilio_signature(auth_token: str, url: str, fields: Mapping[str, str], algorithm: Algorithm = "sha1") -> str:
    """X-Twilio-Signature: HMAC over the URL and the sorted fields, base64 (Twilio, webhooks security)."""
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.digest(auth_token.encode(), text.encode(), algorithm)).decode()


class EventKey:
    """The ECDSA P-256 key pair that SendGrid's event webhooks are signed with."""

    def __init__(self, pem: str | None = None) -> None:
        self._key = _load(pem) if pem else ec.generate_private_key(ec.SECP256R1())

    @property
    def pem(self) -> str:
        """The private key, to be kept over a restart."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def public(self) -> str:
        """Base64 SPKI on one line, as SendGrid shows it."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def sign(self, timestamp: str, body: bytes) -> str:
        """Base64 DER signature over timestamp and raw body."""
        return base64.b64encode(self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


def _load(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the sandbox's key is no elliptic curve key")
    return key
