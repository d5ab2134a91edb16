"""The house rules that no linter knows: names, packages, addresses, locks."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import missing

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements/run.txt", "requirements/test.txt", "package-lock.json")
# Written in pieces, so that this file passes its own test.
DOWNLOAD = re.compile(r"--(extra-)?index-url|--find-links|--trusted-host|\"resolved\":")
MACHINE_PATH = re.compile(r"(^|[^\w.])/(wo" r"rk|ro" r"ot|ho" r"me/[a-z]+)/\w")


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        missing("a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_it_leaves_the_standard_library_its_platform_module() -> None:
    assert platform.__file__ is not None
    assert Path(platform.__file__).is_relative_to(Path(sys.base_prefix))
    assert platform.python_implementation()


def test_it_leaves_platform_alone_from_the_checkout_folder() -> None:
    command = [sys.executable, "-c", "import platform; print(platform.__file__)"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert not Path(found.stdout.strip()).is_relative_to(ROOT / "platform")


def test_it_never_makes_platform_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    strays = [*(ROOT / "platform").rglob("conftest.py"), *(ROOT / "platform").rglob("test_*.py")]
    assert strays == []


def test_it_gives_every_tests_folder_an_init() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("name", LOCKS)
def test_it_locks_without_a_download_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(
        r"https?://(?!(opencollective|github|paulmillr|tidelift|www\.patreon))", text
    )
    assert not DOWNLOAD.search(text)


@pytest.mark.parametrize("name", ["requirements/run.txt", "requirements/test.txt"])
def test_it_locks_every_package_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[a-zA-Z0-9][\w.\-\[\]]*==", text, re.MULTILINE)
    blocks = re.findall(
        r"^[a-zA-Z0-9][^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64})", text, re.MULTILINE
    )
    assert len(pins) > 50
    assert len(blocks) == len(pins)


def test_it_names_no_machine_path_in_a_tracked_file() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in tracked_files()
        for line in text_of(path).splitlines()
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_it_names_no_package_index_in_a_tracked_file() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix in {".txt", ".toml", ".cfg", ".json", ".yml", ".npmrc", ".conf"}
        and DOWNLOAD.search(text_of(path))
    ]
    assert found == []
