"""Keys of messages that Healgate sends by itself; the others are the touchpoints of a protocol."""

from typing import Final

ALWAYS_KEYS: Final = ("moved", "ack", "ask_who", "urgent_safety", "crisis", "opted_out", "opted_in", "help")
"""SMS on a booking's change and on what patients write."""
ALWAYS_MAIL_KEYS: Final = ("moved", "visit_cancelled")
"""E-mails that keep the patient's calendar true."""
GATED_KEYS: Final = (
    "check_in",
    "check_in_discomfort",
    "check_in_red_flags",
    "check_in_exposures",
    "check_in_done",
    "check_in_reminder",
    "check_in_reminder_last",
    "invite",
    "stands",
    "gate_shut",
    "link",
)
"""SMS around a gate; every step but the first has one."""
GATED_MAIL_KEYS: Final = ("prepare", "check_in", "gate_shut")
"""E-mails around a gate."""
MERGED: Final = "merged_care"
"""The words of an aftercare e-mail or page where instructions of two treatments collide."""
STAFF_KEYS: Final = ("page", "page_phone", "page_covering")
"""To the clinic's on-call, not to patients; never with a patient's words."""
KEYWORD_KEYS: Final = ("welcome", "opted_out", "opted_in", "help")
"""They say which words end and begin texts again; no other text asks for such a word."""
