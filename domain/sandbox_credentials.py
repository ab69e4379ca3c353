"""Which credentials can only belong to the sandbox, so that neither side ever takes the other's.

Twilio's published schema wants `AC` and 32 hex digits in every URL, so a sandbox SID that passes it starts with eight
zeros (a real one does so once in four billion).
"""

SANDBOX_ACCOUNT_SID = "AC00000000" + "5a" * 12
_SID_PREFIXES = ("AC00000000", "ACsandbox")
_SENDGRID_PREFIX = "SG.sandbox"


def is_sandbox_account_sid(account_sid: str) -> bool:
    """True for an account SID that Twilio cannot have given out."""
    return account_sid.startswith(_SID_PREFIXES)


def is_sandbox_sendgrid_key(api_key: str) -> bool:
    """True for an API key that SendGrid cannot have given out."""
    return api_key.startswith(_SENDGRID_PREFIX)
