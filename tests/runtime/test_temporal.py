"""Connection, namespaces and search attributes on a real server."""

import uuid
from datetime import timedelta

import httpx
import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from domain.errors import BadInputError
from runtime.embedded import EmbeddedTemporal
from runtime.key_ring import KeyRing
from runtime.ports import free_port
from runtime.settings import Settings
from runtime.temporal import TemporalUnavailableError, connect, ensure_namespace, register_search_attributes, telemetry

pytestmark = pytest.mark.slow


async def retention(client: Client, name: str) -> timedelta:
    """How long the namespace keeps finished workflows."""
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_connect_encrypts(server: EmbeddedTemporal, key_ring: KeyRing) -> None:
    """The connection from settings speaks to the server and has the encrypting converter."""
    client = await connect(Settings(temporal_address=server.address), key_ring)
    payloads = await client.data_converter.encode(["Ana"])
    assert client.namespace == "healgate"
    assert b"Ana" not in payloads[0].data


async def test_the_sdk_serves_its_own_metrics(server: EmbeddedTemporal, key_ring: KeyRing) -> None:
    """With a port set, Prometheus can read what the SDK counts; without one there is no listener."""
    settings = Settings(temporal_address=server.address, temporal_metrics_port=free_port())
    await connect(settings, key_ring, runtime=telemetry(settings))
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{settings.temporal_metrics_port}/metrics")
    assert "temporal_request" in answer.text
    assert telemetry(Settings()) is None


async def test_a_silent_address_is_told_with_the_mend(key_ring: KeyRing) -> None:
    """Without a server the error names the address and the variable, and may be retried."""
    settings = Settings(temporal_address=f"127.0.0.1:{free_port()}")
    with pytest.raises(TemporalUnavailableError) as caught:
        await connect(settings, key_ring, patience=timedelta(seconds=0.3))
    assert settings.temporal_address in str(caught.value)
    assert "HEALGATE_TEMPORAL_ADDRESS" in str(caught.value)
    assert caught.value.retryable


async def test_the_embedded_namespace_keeps_journeys_for_a_year(client: Client) -> None:
    """Finished journeys stay for 365 days instead of the server's single day."""
    assert await retention(client, "healgate") == timedelta(days=365)


async def test_retention_is_only_ever_lengthened(client: Client) -> None:
    """A namespace is made, lengthened, and not shortened again."""
    name = f"clinic-{uuid.uuid4().hex[:8]}"
    seen = []
    for days in (30, 90, 60):
        await ensure_namespace(client, name, timedelta(days=days))
        seen.append((await retention(client, name)).days)
    assert seen == [30, 90, 90]


async def test_a_new_namespace_takes_workflows_at_once(server: EmbeddedTemporal, client: Client) -> None:
    """When `ensure_namespace` returns, the namespace is in use, not only written down."""
    name = f"clinic-{uuid.uuid4().hex[:8]}"
    await ensure_namespace(client, name)
    other = await Client.connect(server.address, namespace=name)
    handle = await other.start_workflow("Nothing", id="w", task_queue="nobody")
    assert (await handle.describe()).id == "w"


async def test_search_attributes_are_usable_when_registered(client: Client) -> None:
    """After registration, twice, a workflow can carry the attribute and is found by it."""
    stage = SearchAttributeKey.for_keyword(f"Stage{uuid.uuid4().hex[:8]}")
    count = SearchAttributeKey.for_int(f"Count{uuid.uuid4().hex[:8]}")
    await register_search_attributes(client, [stage])
    await register_search_attributes(client, [stage, count])
    handle = await client.start_workflow(
        "Nothing",
        id=uuid.uuid4().hex,
        task_queue="nobody",
        search_attributes=TypedSearchAttributes([SearchAttributePair(stage, "healing"), SearchAttributePair(count, 3)]),
    )
    described = await handle.describe()
    counted = await client.count_workflows(f"{stage.name} = 'waiting'")
    assert described.typed_search_attributes[stage] == "healing"
    assert counted.count == 0


async def test_a_search_attribute_of_another_type_is_refused(client: Client) -> None:
    """A clash of types is told with the attribute's name before anything is changed."""
    name, fresh = f"Clash{uuid.uuid4().hex[:8]}", f"Fresh{uuid.uuid4().hex[:8]}"
    await register_search_attributes(client, [SearchAttributeKey.for_keyword(name)])
    with pytest.raises(BadInputError, match=name):
        await register_search_attributes(client, [SearchAttributeKey.for_bool(fresh), SearchAttributeKey.for_int(name)])
    await register_search_attributes(client, [SearchAttributeKey.for_keyword(fresh)])
