"""The settings of a test: config.settings with an environment of its own, never the developer's."""

import os
from pathlib import Path

from tests.support.scratch import scratch_folder

_scratch = scratch_folder()
os.environ.update(
    SECRET_KEY="only-for-tests",
    # base64 of 32 bytes, each the letter k
    RECORDING_KEYS="a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    DATA_DIR=str(_scratch),
    DATABASE_URL=os.environ.get("PARLOUR_TEST_DATABASE_URL", f"sqlite:///{_scratch}/none.sqlite3"),
    REDIS_URL=f"unix://{_scratch / 'redis.sock'}?db=0",
    PUBLIC_URL="http://testserver",
    DEBUG="false",
    DEMO="false",
    RECORDER_ALLOW_PRIVATE_CANDIDATES="true",
    EXTRA_HOSTS="localhost",
)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file and not memory: threads and processes of one test then contend as in production.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_scratch) / "test.sqlite3")}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
