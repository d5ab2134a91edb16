"""For machines: is this process alive, and can it serve."""

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)

ANSWER_WITHIN_SECS = 2.0


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers at all."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database and Redis answer, else 503 that names which does not."""
    parts = {"database": database_answers(), "redis": redis_answers()}
    ready = all(parts.values())
    body = {
        "status": "ready" if ready else "not ready",
        **{part: "ok" if answers else "no answer" for part, answers in parts.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        logger.exception("the database does not answer")
        return False
    return True


def redis_answers() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=ANSWER_WITHIN_SECS,
        socket_connect_timeout=ANSWER_WITHIN_SECS,
    )
    try:
        with client:
            return bool(client.ping())
    except redis.RedisError:
        logger.exception("Redis does not answer")
        return False
