"""What the stand-ins of booking systems know, and the faults they are told to make."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import HTTPException
from pydantic import BaseModel, Field


class Fault(BaseModel):
    """What the next calls get instead of an answer."""

    status: int = Field(ge=400, le=599)
    times: int = Field(default=1, ge=1, le=1000)
    retry_after_seconds: int | None = None
    after: int = Field(default=0, ge=0)
    """So many calls are answered first."""


@dataclass
class BookingVendors:
    """What the vendors know, and the faults they are told to make."""

    records: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    """(vendor, kind, id) -> the record in the vendor's JSON."""
    faults: list[Fault] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Method and path of each call, as ground truth for tests."""

    def put(self, vendor: str, kind: str, record_id: str, record: dict[str, Any]) -> None:
        self.records[vendor, kind, record_id] = record

    def get(self, vendor: str, kind: str, record_id: str) -> dict[str, Any]:
        """The record, or an answer 404."""
        try:
            return self.records[vendor, kind, record_id]
        except KeyError:
            raise HTTPException(404) from None

    def all(self, vendor: str, kind: str) -> list[dict[str, Any]]:
        return [record for key, record in self.records.items() if key[:2] == (vendor, kind)]

    def next_fault(self) -> Fault | None:
        """The fault for this call, if one is due."""
        if not self.faults:
            return None
        fault = self.faults[0]
        if fault.after:
            fault.after -= 1
            return None
        fault.times -= 1
        if fault.times < 1:
            self.faults.pop(0)
        return fault
