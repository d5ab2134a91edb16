"""docker-compose.yml and what stands beside it, checked without Docker."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from calls.forms.visit import MOST_FORM_BYTES
from config import bodies
from tests.support.servers import missing

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "node_modules" / "dclint" / "schemas" / "compose.schema.json"
EXAMPLE = ROOT / "platform" / "deploy" / "example.env"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text()
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def test_it_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    if not SCHEMA.exists():
        missing("the Compose specification's schema (npm ci)")
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))
    errors = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(compose)]
    assert errors == []


def test_it_has_every_part(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {
        "proxy", "web", "worker", "recorder", "beat", "migrate", "postgres", "redis", "coturn",
    }  # fmt: skip


def test_it_pins_every_image(compose: dict[str, Any]) -> None:
    images = {service["image"] for service in compose["services"].values()}
    assert [image for image in images if not re.search(r":\d+\.\d+", image)] == []


def test_it_checks_the_health_of_what_stays(compose: dict[str, Any]) -> None:
    unwatched = {
        name for name, service in compose["services"].items() if "healthcheck" not in service
    }
    assert unwatched == {"migrate", "proxy"}


def test_it_waits_for_the_migration(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "recorder", "beat"):
        needs = compose["services"][name]["depends_on"]
        assert needs["migrate"] == {"condition": "service_completed_successfully"}


def test_it_publishes_only_the_proxy_and_the_relay(compose: dict[str, Any]) -> None:
    published = {name for name, service in compose["services"].items() if "ports" in service}
    assert published == {"proxy", "coturn"}


def test_it_lists_every_value_that_must_be_set() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?", text))
    given = set(re.findall(r"^(\w+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert required - given == set()


def test_it_makes_an_environment_with_fresh_secrets() -> None:
    command = ["sh", "platform/deploy/new-env.sh", "visits.example.com", "203.0.113.7"]
    texts = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    first, second = (dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)) for text in texts)
    assert first["PUBLIC_URL"] == "https://visits.example.com"
    assert first["TURN_EXTERNAL_IP"] == "203.0.113.7"
    for name in ("SECRET_KEY", "RECORDING_KEYS", "POSTGRES_PASSWORD", "TURN_SECRET"):
        assert len(first[name]) >= 44
        assert first[name] != second[name]
    assert "@" not in "".join(value for name, value in first.items() if name != "MAIL_FROM")


def test_it_denies_the_relay_every_private_range() -> None:
    text = (ROOT / "platform" / "deploy" / "turnserver.conf").read_text()
    denied = re.findall(r"^denied-peer-ip=(.+)$", text, re.MULTILINE)
    for start in ("10.0.0.0", "127.0.0.0", "169.254.0.0", "172.16.0.0", "192.168.0.0", "::1"):
        assert any(entry.split("-")[0] == start for entry in denied)
    allowed = re.findall(r"^allowed-peer-ip=(.+)$", text, re.MULTILINE)
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    own = [
        compose["services"][name]["networks"]["media"]["ipv4_address"]
        for name in ("recorder", "coturn")
    ]
    assert allowed == own


def test_the_proxy_lets_through_what_a_form_may_hold() -> None:
    """In megabytes of ten to the sixth, as Caddy counts."""
    written = (ROOT / "platform/deploy/Caddyfile").read_text()
    most = int(re.findall(r"max_size (\d+)MB", written)[0]) * 1_000_000
    assert MOST_FORM_BYTES < most < bodies.most_bytes()
