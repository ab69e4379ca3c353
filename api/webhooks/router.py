"""All webhook routes."""

from fastapi import APIRouter

from api.webhooks import bookings, sendgrid, twilio

router = APIRouter(include_in_schema=False)
for part in (bookings.router, twilio.router, sendgrid.router):
    router.include_router(part)
