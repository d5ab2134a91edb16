"""The commands at the top of the house: make, and what a wrong environment says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import missing

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = {"SECRET_KEY": "only-for-tests", "RECORDING_KEYS": ""}


def makefile_targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    return set(phony[1].split())


def start(**given: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with nothing in the environment but `given`."""
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_has_a_dozen_commands_at_most_and_help_lists_them_all() -> None:
    if not shutil.which("make"):
        missing("make")
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = makefile_targets()
    assert len(targets) <= 12
    assert {line.split()[1] for line in listed.stdout.splitlines()} == targets


def test_it_says_what_python_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\ncase "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac\n')
    old.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    refused = subprocess.run(
        ["make", ".venv/bin/python", f"PYTHON={old}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode != 0
    assert "Parlour needs Python 3.11 or newer; this is Python 3.9.2" in refused.stdout


def test_it_starts_with_enough() -> None:
    assert start(**ENOUGH).returncode == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "SECRET_KEY is not set."),
        ({**ENOUGH, "DEBUG": "perhaps"}, "DEBUG must be true or false."),
        ({**ENOUGH, "PUBLIC_URL": "visits"}, "PUBLIC_URL must be an address such as"),
        ({**ENOUGH, "LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR."),
        ({**ENOUGH, "REDIS_URL": "http://x"}, "REDIS_URL must begin with"),
        ({**ENOUGH, "DATABASE_URL": "elsewhere"}, "DATABASE_URL must look like"),
        ({**ENOUGH, "RECORDING_KEYS": "short"}, "key 1 of RECORDING_KEYS"),
        ({**ENOUGH, "RECORDING_KEYS": "c2hvcnQ="}, "must be 32 bytes long, not 5."),
        ({**ENOUGH, "TURN_URLS": "turn:a"}, "TURN_SECRET must be set"),
        ({**ENOUGH, "RELAY_ONLY": "true"}, "RELAY_ONLY is set, so TURN_URLS must name the relay"),
        ({**ENOUGH, "TURN_CREDENTIAL_SECS": "5"}, "TURN_CREDENTIAL_SECS must be at least 60."),
        ({**ENOUGH, "MAIL_PORT": "0"}, "MAIL_PORT must be at least 1."),
        (
            {**ENOUGH, "DEMO": "true", "PUBLIC_URL": "https://visits.example.com"},
            "DEMO is only for",
        ),
    ],
)
def test_it_refuses_a_wrong_value_with_one_sentence(given: dict[str, str], sentence: str) -> None:
    refused = start(**given)
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert refused.stderr.startswith("Parlour cannot start: ")
    assert len(refused.stderr.strip().splitlines()) == 1
