"""Vendors' own loggers print what we must never log, so they are turned down in one place."""

import logging

_LEAKY = (
    "twilio.http_client",  # INFO prints query parameters: phone numbers
    "python_http_client",  # DEBUG prints the API key and the whole e-mail
    "httpx",  # INFO prints whole addresses
    "httpcore",
    "urllib3",  # DEBUG prints request lines with their query: phone numbers
    "aiosmtplib",  # DEBUG prints the dialogue with the mail server
)


def quiet_vendor_loggers() -> None:
    """Let only warnings of the vendors' packages through; safe to call any number of times."""
    for name in _LEAKY:
        logging.getLogger(name).setLevel(logging.WARNING)
