"""The codec and the key ring by themselves."""

import base64
import dataclasses
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import ActivitySerializationContext, WorkflowSerializationContext

from domain.errors import BadInputError
from runtime.encryption import (
    HealgateCodec,
    PayloadError,
    PlainPayloadError,
    TamperedPayloadError,
    UnknownKeyError,
    WrongWorkflowError,
    data_converter,
)
from runtime.key_ring import KeyRing

OLD, NEW = KeyRing.generate(), KeyRing.generate()
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"healed well"')


def bound(ring: KeyRing, workflow_id: str) -> HealgateCodec:
    """The codec as the SDK uses it for a workflow."""
    return HealgateCodec(ring).with_context(WorkflowSerializationContext(namespace="n", workflow_id=workflow_id))


async def one(codec: HealgateCodec) -> Payload:
    """`PLAIN`, encrypted."""
    return (await codec.encode([PLAIN]))[0]


async def test_what_was_encrypted_comes_back() -> None:
    """The decoded payload equals the original, metadata included, and the ciphertext shows nothing of it."""
    codec = bound(NEW, "j1")
    sealed = await one(codec)
    assert await codec.decode([sealed]) == [PLAIN]
    assert b"healed" not in sealed.SerializeToString()


async def test_the_same_content_never_looks_the_same() -> None:
    """Two encryptions of one payload differ."""
    codec = bound(NEW, "j1")
    assert (await one(codec)).data != (await one(codec)).data


async def test_old_keys_still_decode() -> None:
    """After a rotation the new ring reads what the old one wrote, and writes with the new key."""
    rotated = KeyRing(NEW.current_id, {**OLD.keys, **NEW.keys})
    sealed = await one(bound(OLD, "j1"))
    again = await one(bound(rotated, "j1"))
    assert await bound(rotated, "j1").decode([sealed]) == [PLAIN]
    assert again.metadata["healgate-key"].decode() == NEW.current_id


async def test_an_unknown_key_can_be_retried() -> None:
    """A missing key is told by its id and is worth another try once the ring is mended."""
    sealed = await one(bound(OLD, "j1"))
    with pytest.raises(UnknownKeyError, match=OLD.current_id) as caught:
        await bound(NEW, "j1").decode([sealed])
    assert caught.value.retryable


async def test_other_bytes_under_a_known_id_do_not_decode() -> None:
    """A key that was replaced without a new id fails instead of giving nonsense."""
    impostor = KeyRing(OLD.current_id, {OLD.current_id: NEW.keys[NEW.current_id]})
    sealed = await one(bound(OLD, "j1"))
    with pytest.raises(TamperedPayloadError):
        await bound(impostor, "j1").decode([sealed])


async def test_activities_share_the_binding_of_their_workflow() -> None:
    """An activity's argument is bound to the workflow that schedules it."""
    context = ActivitySerializationContext(
        namespace="n",
        activity_id="1",
        activity_type="deliver",
        activity_task_queue="q",
        workflow_id="j1",
        workflow_type="Journey",
        is_local=False,
    )
    sealed = await one(HealgateCodec(NEW).with_context(context))
    assert await bound(NEW, "j1").decode([sealed]) == [PLAIN]


@pytest.mark.parametrize(
    ("made_for", "read_by"),
    [
        ("nightly", "nightly-2027-03-01T09:00:00Z"),
        ("nightly-2027-03-01T09:00:00Z", "nightly-2027-03-02T09:00:00Z"),
        ("nightly-2027-03-01T09:00:00Z", "nightly"),
    ],
)
async def test_a_schedule_and_its_runs_read_each_other(made_for: str, read_by: str) -> None:
    """The timestamp that Temporal appends to a scheduled workflow's id does not count."""
    assert await bound(NEW, read_by).decode([await one(bound(NEW, made_for))]) == [PLAIN]


@pytest.mark.parametrize("made_for", ["j2", "j", "j1-2", "j1-2027-03-01", "", "J1"])
async def test_a_payload_of_another_workflow_is_refused(made_for: str) -> None:
    """Ciphertext of another workflow, or of none, is not read in a workflow."""
    sealed = await one(bound(NEW, made_for))
    with pytest.raises(WrongWorkflowError):
        await bound(NEW, "j1").decode([sealed])


async def test_the_codec_server_reads_every_workflow() -> None:
    """Without a context any authentic payload decodes."""
    assert await HealgateCodec(NEW).decode([await one(bound(NEW, "j1"))]) == [PLAIN]


def _relabelled(sealed: Payload) -> Payload:
    return Payload(metadata={**sealed.metadata, "healgate-workflow": b"j2"}, data=sealed.data)


def _flipped(sealed: Payload) -> Payload:
    return Payload(metadata=sealed.metadata, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))


def _cut(sealed: Payload) -> Payload:
    return Payload(metadata=sealed.metadata, data=sealed.data[:5])


def _without_labels(sealed: Payload) -> Payload:
    return Payload(metadata={"encoding": sealed.metadata["encoding"]}, data=sealed.data)


@pytest.mark.parametrize("forge", [_relabelled, _flipped, _cut, _without_labels])
async def test_forged_payloads_are_refused(forge: Callable[[Payload], Payload]) -> None:
    """A changed workflow id, changed or missing bytes, and missing labels all end in a typed error."""
    forged = forge(await one(bound(NEW, "j1")))
    for codec in (bound(NEW, "j1"), bound(NEW, "j2"), HealgateCodec(NEW)):
        with pytest.raises(PayloadError):
            await codec.decode([forged])


async def test_plain_payloads_need_permission() -> None:
    """What is not encrypted is refused, unless the codec was told to let it through."""
    with pytest.raises(PlainPayloadError):
        await HealgateCodec(NEW).decode([PLAIN])
    assert await HealgateCodec(NEW, allow_plain=True).decode([PLAIN]) == [PLAIN]


async def test_values_of_none_are_encrypted_too() -> None:
    """Even an empty result says nothing."""
    payloads = await data_converter(NEW).encode([None])
    assert [payload.metadata["encoding"] for payload in payloads] == [b"binary/healgate-aes-gcm"]


def test_a_ring_survives_its_text_form() -> None:
    """`parse` reads what `dump` wrote, and the first entry is the current key."""
    ring = KeyRing(NEW.current_id, {**OLD.keys, **NEW.keys})
    assert KeyRing.parse(ring.dump()) == ring


def test_keys_may_be_urlsafe_and_on_lines() -> None:
    """Both base64 alphabets and line breaks between entries are understood."""
    key = b"\xfb\xff" * 16
    ring = KeyRing.parse(f"a:{base64.urlsafe_b64encode(key).decode()}\n b:{base64.b64encode(key).decode()}\n")
    assert (ring.current_id, ring.keys) == ("a", {"a": key, "b": key})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "none given"),
        ("c2VjcmV0", "no id"),
        ("k1:c2VjcmV0", "has 6 bytes"),
        ("k1:c2VjcmV0!", "not base64"),
        (f"{OLD.dump()},{OLD.dump()}", "same id"),
        (f"k/1:{base64.b64encode(bytes(32)).decode()}", "may hold only"),
    ],
)
def test_a_bad_ring_is_explained_without_its_keys(text: str, told: str) -> None:
    """The message says what is wrong and never quotes a key."""
    with pytest.raises(BadInputError, match=told) as caught:
        KeyRing.parse(text)
    assert "c2VjcmV0" not in str(caught.value)
    assert OLD.dump().split(":")[1] not in str(caught.value)


def test_a_ring_does_not_show_its_keys() -> None:
    """A ring in a log line or a traceback gives nothing away."""
    assert str(NEW.keys[NEW.current_id]) not in repr(NEW)
    assert [field.name for field in dataclasses.fields(KeyRing) if field.repr] == ["current_id"]


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """A missing key file is created for its owner alone; later starts read the same keys."""
    path = tmp_path / "state" / "payload-keys"
    made = KeyRing.from_file(path)
    assert KeyRing.from_file(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["payload-keys"]
