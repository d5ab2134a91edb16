"""The Chinese catalogue says all that the interface says, and the compiled one says the same."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from tests.support.cast import make_cast

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
COMPILED = SOURCE.with_suffix(".mo")
# %(name)s, {name}, a tag, an entity: what must come through a translation as it is.
FIXED = re.compile(r"%\(\w+\)[\d.]*[a-z]|\{\w+\}|<[^>]+>|&\w+;")

# A text, or a text and the number of its plural form; a context stands before it.
Key = str | tuple[str, int]


def read(catalogue: Path) -> dict[Key, str]:
    """Every text of a compiled catalogue with its translation."""
    with catalogue.open("rb") as file:
        texts: dict[Key, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    return {key: text for key, text in texts.items() if key != ""}


def compiled(source: Path, folder: Path) -> dict[Key, str]:
    """The texts of a .po file; msgfmt leaves out what is empty, fuzzy or obsolete."""
    target = folder / "compiled.mo"
    subprocess.run(["msgfmt", "--check-format", "--output-file", target, source], check=True)
    return read(target)


def words_of(key: Key) -> str:
    """The text with its context, without the number of its plural form."""
    return key if isinstance(key, str) else key[0]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The texts of our templates and Python, collected as Django collects them."""
    copy = tmp_path_factory.mktemp("source")
    for folder in ("accounts", "calls", "platform", "templates"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "locale").mkdir()
    # Without the settings, which would send it to the catalogue itself.
    bare = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    collect = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "--no-location"]
    subprocess.run(collect, cwd=copy, env=bare, check=True, capture_output=True)
    english = copy / "english.po"
    empty = copy / "locale/zh_Hans/LC_MESSAGES/django.po"
    subprocess.run(["msgen", "--output-file", english, empty], check=True, capture_output=True)
    return {words_of(key) for key in compiled(english, copy)}


def test_it_translates_every_text_and_nothing_else(marked: set[str], tmp_path: Path) -> None:
    translated = {words_of(key) for key in compiled(SOURCE, tmp_path)}
    assert sorted(marked - translated) == []
    assert sorted(translated - marked) == []


def test_it_is_compiled(tmp_path: Path) -> None:
    assert read(COMPILED) == compiled(SOURCE, tmp_path)


def test_it_keeps_what_stands_for_something() -> None:
    changed = {
        key: text
        for key, text in read(COMPILED).items()
        if sorted(FIXED.findall(words_of(key))) != sorted(FIXED.findall(text))
    }
    assert changed == {}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/account/login/"])
def test_it_greets_a_chinese_browser_in_chinese(client: Client, address: str) -> None:
    page = client.get(address, headers={"accept-language": "zh-CN,zh;q=0.9"}).content.decode()
    assert '<html lang="zh-hans"' in page
    assert "登录" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/home/", "您的问诊已开放"),
        ("/book/", "您需要哪项服务？"),
        ("/calls/{call}/", "准备好加入了吗？"),
    ],
)
def test_it_speaks_the_language_of_the_person(client: Client, address: str, words: str) -> None:
    cast = make_cast()
    cast.mei.language = "zh-hans"
    cast.mei.save()
    client.force_login(cast.mei)
    page = client.get(address.format(call=cast.call.pk)).content.decode()
    assert '<html lang="zh-hans"' in page
    assert words in page
