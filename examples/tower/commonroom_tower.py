"""Publishes notifications to the members of a room, as AWX's function of the same name does.

    from commonroom_tower import emit_channel_notification

    emit_channel_notification("jobs-status_changed", {"unified_job_id": 42, "status": "running"})

Needs the redis package (4.3 or later). REDIS_URL says where Redis is.
"""

import json
import logging
import os
import re
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

import redis

logger = logging.getLogger(__name__)

LEGAL_GROUP = re.compile(r"[A-Za-z0-9_.-]{1,99}")
DEFAULT_REDIS_URL = "redis://127.0.0.1:6379"


def emit_channel_notification(group, payload):
    """Sends a payload to everyone who is in a group now. Who comes later does not get it.

    The payload is a dict or a list. It is serialised once, and Tower clients get exactly that text.
    One that contains itself is logged and dropped. Raises TypeError for an illegal group name and
    for what JSON cannot say, ValueError for NaN and infinities, and redis.RedisError where Redis is
    not reachable.
    """
    if not isinstance(group, str) or LEGAL_GROUP.fullmatch(group) is None:
        raise TypeError(f"group name must be 1 to 99 of A-Z a-z 0-9 _ . -, not {group!r}")
    if not isinstance(payload, (dict, list)):
        raise TypeError("payload must be a dict or a list")
    text = serialise(payload)
    if text is not None:
        redis_client().publish(f"to:{group}:message", text)


def serialise(payload):
    """The JSON text of a payload; None for one that contains itself, which is logged."""
    try:
        return json.dumps(payload, default=to_json, allow_nan=False)
    except ValueError:
        if not is_circular(payload):
            raise
        logger.exception("a payload that contains itself is not sent")
        return None


def is_circular(payload):
    """Whether a payload contains itself."""
    try:
        json.dumps(payload, default=to_json)
    except ValueError:
        return True
    return False


def to_json(value):
    """What stands in JSON for a value that JSON does not know."""
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return time_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, (Decimal, uuid.UUID)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be said in JSON")


def datetime_text(value):
    """ISO 8601 with milliseconds, where there are any, and Z for UTC."""
    unit = "milliseconds" if value.microsecond else "seconds"
    return re.sub(r"\+00:00$", "Z", value.isoformat(timespec=unit))


def time_text(value):
    """ISO 8601 with milliseconds, where there are any."""
    if value.utcoffset() is not None:
        raise ValueError("a time of day with a time zone cannot be said in JSON")
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")


def duration_text(value):
    """ISO 8601 with days, as P0DT01H00M00S."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}" if value.microseconds else ""
    return f"{sign}P{value.days}DT{hours:02d}H{minutes:02d}M{seconds:02d}{fraction}S"


@lru_cache(maxsize=1)
def redis_client():
    """This process's connections to Redis."""
    url = os.environ.get("REDIS_URL", DEFAULT_REDIS_URL)
    return redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
