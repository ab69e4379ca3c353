"""What a journey says of itself now, where Temporal can be asked."""

from api.parts import ApiParts
from workflows.client import JourneyEndedError, TemporalUnavailableError
from workflows.messages import JourneyView


async def live_view(parts: ApiParts, journey_id: str) -> JourneyView | None:
    """None while Temporal is away, and once it has forgotten the journey: the stored record must do then."""
    try:
        return await parts.journeys.state(journey_id)
    except (TemporalUnavailableError, JourneyEndedError):
        return None
