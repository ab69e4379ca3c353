"""The connection to Temporal, and what has to be registered there before the first journey."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    ListWorkflowExecutionsRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from domain.errors import BadInputError, HealgateError
from runtime.encryption import data_converter
from runtime.key_ring import KeyRing
from runtime.settings import Settings

RETENTION = timedelta(days=365)
"""A finished journey can be looked up and replayed for a year; the dev server's own default is one day."""

_PATIENCE = timedelta(seconds=30)
_PAUSE = 0.25


class TemporalUnavailableError(HealgateError):
    """No Temporal server answered in time."""

    retryable = True


async def connect(
    settings: Settings, key_ring: KeyRing, *, patience: timedelta = _PATIENCE, runtime: Runtime | None = None
) -> Client:
    """A checked connection with encrypting payloads; keeps trying for `patience`.

    Raises `TemporalUnavailableError`, which names the address and the settings to look at.
    """
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        try:
            return await _connect_once(settings, key_ring, runtime)
        except RuntimeError as error:
            if time.monotonic() >= deadline:
                raise TemporalUnavailableError(_no_answer(settings, error)) from error
        await asyncio.sleep(_PAUSE)


async def _connect_once(
    settings: Settings, key_ring: KeyRing, runtime: Runtime | None, *, lazy: bool = False
) -> Client:
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
        tls=_tls(settings),
        data_converter=data_converter(key_ring),
        runtime=runtime,
        lazy=lazy,
    )


def telemetry(settings: Settings) -> Runtime | None:
    """An SDK runtime that serves its own Prometheus metrics, if a port is set for it. At most one per process."""
    if settings.temporal_metrics_port is None:
        return None
    address = f"{settings.metrics_host}:{settings.temporal_metrics_port}"
    return Runtime(telemetry=TelemetryConfig(metrics=PrometheusConfig(bind_address=address)))


async def connect_lazily(settings: Settings, key_ring: KeyRing) -> Client:
    """A client that connects at its first call: the edge must take webhooks while Temporal is away."""
    return await _connect_once(settings, key_ring, None, lazy=True)


async def ensure_namespace(client: Client, name: str, retention: timedelta = RETENTION) -> None:
    """Register the namespace, or lengthen the retention of one that keeps finished journeys for less."""
    current = await _retention(client, name)
    if current is None:
        await _register(client, name, retention)
    elif current < retention:
        config = NamespaceConfig(workflow_execution_retention_ttl=_duration(retention))
        await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=name, config=config))
    await _until(lambda: _can_list(client, name, "WorkflowId"), f"namespace {name!r}")


async def register_search_attributes(client: Client, keys: Sequence[SearchAttributeKey[Any]]) -> None:
    """Add those of `keys` that the client's namespace lacks, and wait until queries accept all of them.

    Raises `BadInputError` when an attribute exists with another type: Temporal cannot change it.
    """
    known = await _search_attributes(client)
    for key in keys:
        _check_type(key, known.get(key.name))
    missing = {key.name: _value_type(key) for key in keys if key.name not in known}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    for key in keys:
        await _until(_listing(client, key.name), f"search attribute {key.name}")


async def _retention(client: Client, name: str) -> timedelta | None:
    try:
        found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name), retry=True)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def _register(client: Client, name: str, retention: timedelta) -> None:
    request = RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=_duration(retention))
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        # Two processes that start together may both find it missing.
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise


async def _search_attributes(client: Client) -> dict[str, "IndexedValueType.ValueType"]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    found = await client.operator_service.list_search_attributes(request, retry=True)
    return {**found.system_attributes, **found.custom_attributes}


def _check_type(key: SearchAttributeKey[Any], known: "IndexedValueType.ValueType | None") -> None:
    if known is not None and known != _value_type(key):
        raise BadInputError(
            f"search attribute {key.name} exists with type {IndexedValueType.Name(known)}, but Healgate needs "
            f"{IndexedValueType.Name(_value_type(key))}: use another namespace, or remove the attribute there."
        )


def _value_type(key: SearchAttributeKey[Any]) -> "IndexedValueType.ValueType":
    return IndexedValueType.ValueType(int(key.indexed_value_type))


def _listing(client: Client, attribute: str) -> Callable[[], Awaitable[bool]]:
    return lambda: _can_list(client, client.namespace, attribute)


async def _can_list(client: Client, namespace: str, attribute: str) -> bool:
    """Whether visibility accepts queries on the attribute; caches make it lag behind the registration."""
    request = ListWorkflowExecutionsRequest(namespace=namespace, page_size=1, query=f"{attribute} IS NULL")
    try:
        await client.workflow_service.list_workflow_executions(request)
    except RPCError as error:
        if error.status in {RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.NOT_FOUND, RPCStatusCode.UNAVAILABLE}:
            return False
        raise
    return True


async def _until(ready: Callable[[], Awaitable[bool]], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE.total_seconds()
    while not await ready():
        if time.monotonic() >= deadline:
            raise TemporalUnavailableError(f"{what} was registered, but Temporal does not accept it yet; try again")
        await asyncio.sleep(_PAUSE)


def _tls(settings: Settings) -> TLSConfig | bool | None:
    certificates = (settings.temporal_tls_ca, settings.temporal_tls_cert, settings.temporal_tls_key)
    if any(certificates):
        ca, cert, key = (_bytes(path) for path in certificates)
        return TLSConfig(server_root_ca_cert=ca, client_cert=cert, client_private_key=key)
    # None lets the SDK switch TLS on by itself when there is an API key.
    return settings.temporal_tls or None


def _bytes(path: Path | None) -> bytes | None:
    return path.read_bytes() if path else None


def _duration(span: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(span)
    return duration


def _no_answer(settings: Settings, error: RuntimeError) -> str:
    return (
        f"no Temporal server answers at {settings.temporal_address} ({error}). "
        "Start one (`healgate up` brings its own), or mend HEALGATE_TEMPORAL_ADDRESS, HEALGATE_TEMPORAL_TLS "
        "and HEALGATE_TEMPORAL_API_KEY."
    )
