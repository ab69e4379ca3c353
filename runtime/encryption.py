"""Payload encryption: whatever goes into Temporal is AES-GCM ciphertext that belongs to one workflow.

Not encrypted by Temporal's design: workflow and activity ids, types, search attributes, and headers (the SDK encodes
those without a workflow, so they stay off). Nothing about a patient may go there.
"""

import copy
import dataclasses
import re
import secrets
from collections.abc import Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from domain.errors import HealgateError
from runtime.key_ring import KeyRing

__all__ = [
    "HealgateCodec",
    "KeyRing",
    "PayloadError",
    "PlainPayloadError",
    "TamperedPayloadError",
    "UnknownKeyError",
    "WrongWorkflowError",
    "data_converter",
]

ENCODING = b"binary/healgate-aes-gcm"
KEY_ID = "healgate-key"
WORKFLOW_ID = "healgate-workflow"
_NONCE_BYTES = 12
_SCHEDULED = re.compile(r"-\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$")
"""Temporal appends this to the workflow id of a schedule when it starts a run."""


class PayloadError(HealgateError):
    """Base of why a payload was not decoded. No content is ever part of the message."""


class UnknownKeyError(PayloadError):
    """The payload's key is not in the ring: put it back as an old key, then the same task succeeds."""

    retryable = True


class TamperedPayloadError(PayloadError):
    """The ciphertext, its key id or its workflow id was changed, or the ring has other bytes under this key id."""


class WrongWorkflowError(PayloadError):
    """The payload was made for another workflow, or for none."""


class PlainPayloadError(PayloadError):
    """The payload is not encrypted, and plain ones are not allowed here."""


class HealgateCodec(PayloadCodec, WithSerializationContext):
    """AES-256-GCM over whole payloads; the workflow id is in the metadata and authenticated with the content.

    Without a workflow (codec server, schedule memos) it encodes unbound payloads, which no workflow accepts, and
    decodes any.
    """

    def __init__(self, key_ring: KeyRing, *, allow_plain: bool = False, workflow_id: str | None = None) -> None:
        self._current_id = key_ring.current_id
        self._ciphers = {key_id: AESGCM(key) for key_id, key in key_ring.keys.items()}
        self._allow_plain = allow_plain
        self._workflow_id = workflow_id

    def with_context(self, context: SerializationContext) -> Self:
        """A codec bound to the context's workflow; itself where the context has none."""
        if not isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return self
        if context.workflow_id is None:
            return self
        bound = copy.copy(self)
        bound._workflow_id = context.workflow_id
        return bound

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload with the current key."""
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt each payload; raises a `PayloadError` rather than hand out what it cannot vouch for."""
        return [self._decode_one(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        key_id, bound = self._current_id, self._workflow_id or ""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = self._ciphers[key_id]
        sealed = cipher.encrypt(nonce, payload.SerializeToString(), _associated_data(key_id, bound))
        metadata = {"encoding": ENCODING, KEY_ID: key_id.encode(), WORKFLOW_ID: bound.encode()}
        return Payload(metadata=metadata, data=nonce + sealed)

    def _decode_one(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") == ENCODING:
            return self._decrypt(payload)
        if self._allow_plain:
            return payload
        raise PlainPayloadError("a payload is not encrypted; only encrypted ones are accepted")

    def _decrypt(self, payload: Payload) -> Payload:
        key_id, bound = _text(payload, KEY_ID), _text(payload, WORKFLOW_ID)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKeyError(f"payload key {key_id!r} is not in the key ring; add it after the current key")
        if self._workflow_id is not None and _family(bound) != _family(self._workflow_id):
            raise WrongWorkflowError(f"a payload of workflow {bound!r} was found in {self._workflow_id!r}")
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, _associated_data(key_id, bound)))
        except (InvalidTag, ValueError, DecodeError):
            raise TamperedPayloadError(f"a payload with key {key_id!r} does not authenticate") from None


def data_converter(key_ring: KeyRing, *, allow_plain: bool = False) -> DataConverter:
    """Pydantic models in, ciphertext out; failure messages and stack traces are encrypted too."""
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=HealgateCodec(key_ring, allow_plain=allow_plain),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def _associated_data(key_id: str, workflow_id: str) -> bytes:
    return b"\0".join((b"healgate payload 1", key_id.encode(), workflow_id.encode()))


def _family(workflow_id: str) -> str:
    """The id that a schedule and all its runs share; other workflows' ids stay as they are."""
    return _SCHEDULED.sub("", workflow_id)


def _text(payload: Payload, name: str) -> str:
    return payload.metadata.get(name, b"").decode("utf-8", "replace")
