"""Search attributes, from one typed list. They are stored in clear text: clinic, plan and stage only."""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

CLINIC = SearchAttributeKey.for_keyword("HealgateClinic")
PROTOCOL = SearchAttributeKey.for_keyword("HealgateProtocol")
STAGE = SearchAttributeKey.for_keyword("HealgateStage")

REGISTERED = (CLINIC, PROTOCOL, STAGE)
"""What `healgate register` creates in the namespace."""


def of_journey(clinic_id: str, protocol_id: str, stage: str) -> TypedSearchAttributes:
    """What a journey starts with."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(CLINIC, clinic_id),
            SearchAttributePair(PROTOCOL, protocol_id),
            SearchAttributePair(STAGE, stage),
        ]
    )
