"""Fixtures for every test: real servers on private sockets, a real browser, the real group."""

from tests.support.browser import browsers, chromium, chromiums, playwright_driver
from tests.support.cast import cast
from tests.support.cloud import bucket, cloud, one_cloud
from tests.support.database import quick_flush
from tests.support.firefox import firefox
from tests.support.group import server_group
from tests.support.language import english_again
from tests.support.redis import fresh_redis, redis_url

__all__ = [
    "browsers",
    "bucket",
    "cast",
    "chromium",
    "chromiums",
    "cloud",
    "english_again",
    "firefox",
    "fresh_redis",
    "one_cloud",
    "playwright_driver",
    "quick_flush",
    "redis_url",
    "server_group",
]
