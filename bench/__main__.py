"""`python -m bench [NAME]`: run one benchmark, or all, and write bench/results/NAME.json."""

import importlib
import pkgutil
import sys
from pathlib import Path

from bench.report import Benchmark, write_report


def main(arguments: list[str]) -> int:
    names = _names()
    wanted = arguments or sorted(names)
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}. There is: {', '.join(sorted(names))}.")
        return 2
    held = [write_report(name, _load(name).run()) for name in wanted]
    return 0 if all(held) else 1


def _names() -> set[str]:
    """Every module of this package that has a run() is a benchmark."""
    folder = str(Path(__file__).parent)
    modules = {info.name for info in pkgutil.iter_modules([folder])}
    return {name for name in modules - {"__main__"} if hasattr(_load(name), "run")}


def _load(name: str) -> Benchmark:
    return importlib.import_module(f"bench.{name}")


sys.exit(main(sys.argv[1:]))
