"""Keys of messages that Healgate sends by itself; the others are the touchpoints of a protocol."""

from typing import Final

CHECK_IN_KEYS: Final = (
    "check_in",
    "check_in_discomfort",
    "check_in_red_flags",
    "check_in_exposures",
    "check_in_done",
    "check_in_reminder",
    "check_in_reminder_last",
)
GATE_KEYS: Final = ("invite", "stands", "gate_shut")
ALWAYS_KEYS: Final = ("moved", "ack", "urgent_safety", "crisis")
ENGINE_KEYS: Final = (*CHECK_IN_KEYS, *GATE_KEYS, *ALWAYS_KEYS)
