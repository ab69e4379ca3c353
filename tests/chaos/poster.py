"""Processes that post and are killed: `python -m tests.chaos.poster ORDER`, with ORDER as JSON.

Says when it is ready. Then each line on standard input holds one number per process: after how many seconds it is
killed with -9 (0: never). They are forked from here, where everything is imported already; the line that comes back
holds their exit codes.
"""

import asyncio
import os
import signal
import sys
import time
import traceback
from datetime import UTC, datetime

from activities.post_office import PostOffice
from channels.sendgrid_email import SendGridEmail
from channels.twilio_sms import TwilioSms
from domain.messages import Channel
from domain.wording import MessageContext, RenderedText
from store import Database, Store
from tests.chaos.plan import TIMEOUT, Order, letter, live_clinic

AT_ONCE = 6


class PlainWords:
    """Texts that name their row, so that the provider's listing can be matched."""

    def render(self, key: str, channel: Channel, context: MessageContext, locale: str) -> RenderedText:
        subject = "A message" if channel is Channel.EMAIL else None
        return RenderedText(
            body=f"For {context.name}", subject=subject, html=f"<p>For {context.name}</p>", template_version="1"
        )


def sms_sender(order: Order) -> TwilioSms:
    return TwilioSms(
        order.account_sid,
        order.auth_token,
        base_url=order.sandbox_url,
        status_callback_url=lambda clinic_id, message_id, attempt: (
            f"{order.callback_url}/webhooks/twilio/{clinic_id}/status?n={message_id}&a={attempt}#rc=3&rp=all"
        ),
        timeout=TIMEOUT,
    )


def email_sender(order: Order) -> SendGridEmail:
    return SendGridEmail(order.sendgrid_api_key, base_url=order.sandbox_url, timeout=TIMEOUT)


async def post_all(order: Order) -> None:
    """Come back to every row until nothing more can be done, as an activity that is retried would.

    All processes take the rows in the same order, so that they meet at each of them.
    """
    database = Database(order.database_url)
    store = Store(database)
    office = PostOffice(store.ledger, store.consents, PlainWords(), sms_sender(order), email_sender(order))
    left = list(range(order.rows))
    while left:
        turns = asyncio.Semaphore(AT_ONCE)
        settled = await asyncio.gather(*(_post(office, number, turns) for number in left))
        left = [number for number, done in zip(left, settled, strict=True) if not done]
        await asyncio.sleep(0.05)
    await database.close()


async def _post(office: PostOffice, number: int, turns: asyncio.Semaphore) -> bool:
    """Whether nothing more can be done for the row: it is settled, or another process has it, or had it and died."""
    clinic = live_clinic()
    async with turns:
        now = datetime.now(UTC)
        outcome = await office.post(letter(number, now), clinic, clinic.main, now)
    return outcome.state != "deferred"


def _fork(order: Order) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        asyncio.run(post_all(order))
        code = 0
    finally:
        # Whatever happens, the child must not go on as its parent; nobody but us could still show what went wrong.
        if code:
            traceback.print_exc()
        os._exit(code)


def _round(order: Order, delays: list[float]) -> list[int]:
    """Start one process per delay, kill each at its instant; their exit codes, -9 for a killed one."""
    began = time.monotonic()
    children = {_fork(order): delay for delay in delays}
    for child, delay in sorted(children.items(), key=lambda pair: pair[1]):
        if delay:
            time.sleep(max(0.0, began + delay - time.monotonic()))
            os.kill(child, signal.SIGKILL)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def main() -> None:
    order = Order.model_validate_json(sys.argv[1])
    # The vendor's package imports most of itself at its first call.
    asyncio.run(_anything(order))
    _tell("ready")
    for line in sys.stdin:
        _tell(" ".join(map(str, _round(order, [float(delay) for delay in line.split()]))))


async def _anything(order: Order) -> None:
    sms = sms_sender(order)
    await sms.find("+12025550100", datetime.now(UTC))
    sms.close()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
