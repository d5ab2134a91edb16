"""What `collectstatic` makes: hashed names, the imports inside modules included."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from config.staticfiles import ModuleManifestStorage


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.staticfiles.ModuleManifestStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_it_points_every_import_at_a_hashed_name(collected: Path) -> None:
    modules = list((collected / "js").rglob("*.????????????.js"))
    assert modules
    for module in modules:
        imports = re.findall(r"""^import\b[^"']*["'](\.[^"']+)["']""", module.read_text(), re.M)
        for target in imports:
            assert re.search(r"\.[0-9a-f]{12}\.js$", target), f"{module.name} imports {target}"
            assert (module.parent / target).resolve().exists()


def test_it_leaves_the_types_of_a_comment_alone() -> None:
    (_, patterns) = ModuleManifestStorage._js_module_import_aggregation_patterns
    called, _ = patterns[-1]
    assert re.search(called, 'const page = await import("./page.js");')
    assert not re.search(called, '/** @typedef {import("./page.js").Page} Page */')
