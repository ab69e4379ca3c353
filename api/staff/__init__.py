"""The staff's JSON API under /api/v1: start, look at and steer journeys, and work off tasks."""
