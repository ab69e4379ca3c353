"""Turns domain errors into Temporal's, once: their type and whether to retry, never their text."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.exceptions import ApplicationError

from domain.errors import HealgateError


@asynccontextmanager
async def translated(*, for_ever: bool = False) -> AsyncIterator[None]:
    """Inside, a HealgateError becomes an ApplicationError of the same name that carries `retryable`.

    `for_ever`: try again whatever it is, since giving up would be worse (a deployment or a new template may mend it).
    """
    try:
        yield
    except HealgateError as error:
        name = type(error).__name__
        raise ApplicationError(name, type=name, non_retryable=not (error.retryable or for_ever)) from None
