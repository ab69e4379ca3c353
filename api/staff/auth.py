"""Who may call the staff API, and in whose name."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.parts import ApiParts, Parts
from domain.errors import BadInputError
from domain.journey.events import Role
from workflows.ids import new_id

LONGEST_NAME = 100

_bearer = HTTPBearer(auto_error=False, description="HEALGATE_STAFF_KEY")


@dataclass(frozen=True)
class Actor:
    """The person who acts, as the caller names them."""

    name: str
    role: Role

    @property
    def audited(self) -> str:
        return f"staff:{self.name}"


async def require_key(
    parts: Parts, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)] = None
) -> None:
    """401 unless the bearer key is the configured one; without a configured key nobody gets in."""
    if not same_key(parts, given.credentials if given else ""):
        raise HTTPException(
            401,
            "send Authorization: Bearer with the staff key",
            headers={"WWW-Authenticate": 'Bearer realm="healgate"'},
        )


def same_key(parts: ApiParts, presented: str) -> bool:
    """Compared in constant time; without a configured key nothing is the same."""
    same = hmac.compare_digest(presented.encode(), parts.staff_key.encode())
    return bool(parts.staff_key) and same


def _actor(
    name: Annotated[str, Header(alias="X-Healgate-Actor", description="Who acts: 1 to 100 printable characters.")] = "",
    role: Annotated[Role, Header(alias="X-Healgate-Role")] = Role.FRONT_DESK,
) -> Actor:
    name = _utf8(name).strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInputError(f"X-Healgate-Actor must name who acts, in 1 to {LONGEST_NAME} printable characters")
    return Actor(name, role)


def _utf8(header: str) -> str:
    """Headers are read as latin-1; most clients write names in UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _request_key(
    given: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            max_length=100,
            pattern=r"^[A-Za-z0-9._:-]+$",
            description="The same key again has no second effect.",
        ),
    ] = None,
) -> str:
    return given or new_id()


ActorDep = Annotated[Actor, Depends(_actor)]
RequestKey = Annotated[str, Depends(_request_key)]
