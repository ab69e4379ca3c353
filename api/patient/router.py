"""All pages of patients."""

from fastapi import APIRouter

from api.patient import care, check_in, unsubscribe

router = APIRouter(include_in_schema=False)
for part in (check_in.router, care.router, unsubscribe.router):
    router.include_router(part)
