"""The activity's own now: virtual where the workflow's clock is, since a retry may come days after the first try."""

from datetime import datetime, timedelta

from temporalio import activity

from domain.journey import minute


def activity_now(skew: timedelta = timedelta()) -> datetime:
    """When this attempt began on the workflow's clock, to the minute: ledger, timeline and journey agree on it."""
    return minute(activity.info().started_time + skew)
