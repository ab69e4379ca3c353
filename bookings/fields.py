"""Reading fields of a decoded body: every value is checked, and every complaint names its field."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from domain.errors import BadInputError

MAX_REF = 255
"""Characters of an id; longer than any vendor's, short enough for every index."""

MAX_TEXT = 500
"""Characters of a name or reason; the rest is cut."""

MAX_TOKEN = 8000
"""Characters of a cursor or an address; what web servers commonly take."""

MAX_SEQUENCE = 2**63 - 1
"""What the store's 64-bit column holds."""

_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_DATE_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)


class Fields:
    """An object inside a body. `lenient` (vendors) reads an odd optional value as missing, else it is an error."""

    def __init__(self, data: Mapping[str, Any], path: str = "", *, lenient: bool = True) -> None:
        self._data = data
        self._path = path
        self._lenient = lenient

    def __bool__(self) -> bool:
        return bool(self._data)

    def __contains__(self, name: str) -> bool:
        return self._data.get(name) is not None

    def name(self, field: str) -> str:
        """The field's full name, for messages."""
        return f"{self._path}.{field}" if self._path else field

    def ref(self, field: str) -> str:
        """A required id (text or whole number)."""
        found = self.maybe_ref(field)
        if found is None:
            raise BadInputError(f"'{self.name(field)}' is missing: give the id as text")
        return found

    def maybe_ref(self, field: str) -> str | None:
        """An optional id; ids are never mended, since a mended id could be another one's."""
        value = self._data.get(field)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadInputError(f"'{self.name(field)}' must be text")
        text = str(value).strip()
        if not text or len(text) > MAX_REF or _UNSTORABLE.search(text):
            raise BadInputError(f"'{self.name(field)}' must be 1 to {MAX_REF} printable characters")
        return text

    def text(self, field: str) -> str | None:
        """Optional text: control characters and broken surrogates removed, cut at 500 characters, blank is None."""
        value = self._data.get(field)
        if value is None:
            return None
        if not isinstance(value, str):
            self._odd(field, "text")
            return None
        return _UNSTORABLE.sub("", value).strip()[:MAX_TEXT] or None

    def token(self, field: str) -> str | None:
        """Optional text to be handed back exactly as it came (a cursor, an address): never mended or cut."""
        value = self._data.get(field)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > MAX_TOKEN or _UNSTORABLE.search(value):
            raise BadInputError(f"'{self.name(field)}' must be text of at most {MAX_TOKEN} characters")
        return value

    def flag(self, field: str) -> bool:
        """True only for the JSON value true."""
        return self._data.get(field) is True

    def whole(self, field: str) -> int | None:
        """An optional whole number from 0 to 2^63-1."""
        value = self._data.get(field)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQUENCE:
            return value
        self._odd(field, "a whole number from 0 to 2^63-1")
        return None

    def number(self, field: str) -> int | None:
        """A small code, negative ones included; None for anything else."""
        value = self._data.get(field)
        return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**6 else None

    def time(self, field: str, *, zone: tzinfo | None = None) -> datetime | None:
        """An optional ISO time in UTC; without an offset it is read in `zone`, and refused when there is none."""
        value = self._data.get(field)
        if value is None or value == "":
            return None
        moment = _moment(value, zone)
        if moment is None:
            example = "2027-03-04T14:00:00-05:00"
            raise BadInputError(f"'{self.name(field)}' must be an ISO time with offset, such as {example}")
        return moment

    def child(self, field: str) -> "Fields":
        """The object there, empty when missing."""
        value = self._data.get(field)
        if value is not None and not isinstance(value, dict):
            self._odd(field, "an object, in braces")
        return self._inner(value if isinstance(value, dict) else {}, self.name(field))

    def children(self, field: str) -> tuple["Fields", ...]:
        """The objects of the list there; none when missing."""
        found = (item for item in self._list(field) if isinstance(item, dict))
        return tuple(self._inner(item, f"{self.name(field)}[{index}]") for index, item in enumerate(found))

    def refs(self, field: str) -> tuple[str, ...]:
        """The ids of the list there, or the one id."""
        value = self._data.get(field)
        if not isinstance(value, list):
            found = self.maybe_ref(field)
            return (found,) if found else ()
        items = Fields({str(index): item for index, item in enumerate(value)}, self.name(field))
        return tuple(items.ref(str(index)) for index in range(len(value)))

    def _list(self, field: str) -> list[Any]:
        value = self._data.get(field)
        if value is not None and not isinstance(value, list):
            self._odd(field, "a list, in brackets")
        return value if isinstance(value, list) else []

    def _inner(self, data: dict[str, Any], path: str) -> "Fields":
        return Fields(data, path, lenient=self._lenient)

    def _odd(self, field: str, wanted: str) -> None:
        if not self._lenient:
            raise BadInputError(f"'{self.name(field)}' must be {wanted}")


def _moment(value: object, zone: tzinfo | None) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40 or not _DATE_AND_TIME.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        # Years outside this range are typing errors, and overflow in zone arithmetic.
        return aware.astimezone(UTC) if aware.tzinfo and 2000 <= aware.year < 2100 else None
    except ValueError:
        return None
