"""The package without its extra `service` is the ranking, and needs numpy alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Imports all that the base is made of, where of what is installed numpy alone is to be had.
IMPORTS = """
import importlib, importlib.metadata, pkgutil, sys

GONE = set(importlib.metadata.packages_distributions()) - {"numpy"}

class NumpyAlone:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in GONE:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NumpyAlone)
names = ["fixtures.reference"]
for package in ("matching", "domain", "texts"):
    path = importlib.import_module(package).__path__
    names += [module.name for module in pkgutil.walk_packages(path, package + ".")]
for name in sys.argv[1:] or names:
    importlib.import_module(name)
print(*names)
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_module_of_the_base_needs_numpy_alone() -> None:
    imported = run(sys.executable, "-c", IMPORTS, cwd=ROOT).split()
    refused = subprocess.run([sys.executable, "-c", IMPORTS, "msgspec"], cwd=ROOT, capture_output=True, text=True)

    assert {"matching.rank", "matching.sentences.reasons", "domain.fields", "texts.lookup"} <= set(imported)
    assert refused.stderr.endswith("ModuleNotFoundError: msgspec\n")


@pytest.mark.slow
def test_the_examples_run_where_the_base_package_and_numpy_are_installed(tmp_path: Path) -> None:
    source, elsewhere, python = tmp_path / "source", tmp_path / "elsewhere", tmp_path / "venv" / "bin" / "python"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "__pycache__", "tests", "bench", "build"))
    elsewhere.mkdir()
    locked = re.search(r"^numpy==\S.*?(?=^\S|\Z)", (ROOT / "requirements.lock").read_text(), re.MULTILINE | re.DOTALL)
    assert locked is not None
    (tmp_path / "numpy.lock").write_text(locked[0])
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=elsewhere)
    pip = (python, "-m", "pip", "--disable-pip-version-check")

    run(*pip, "wheel", "--no-deps", "-w", tmp_path / "wheel", source, cwd=elsewhere)
    run(*pip, "install", "--require-hashes", "--no-deps", "-r", tmp_path / "numpy.lock", cwd=elsewhere)
    run(*pip, "install", "--no-index", *(tmp_path / "wheel").iterdir(), cwd=elsewhere)

    installed = {package["name"] for package in json.loads(run(*pip, "list", "--format=json", cwd=elsewhere))}
    where = run(python, "-I", "-c", "import matching; print(matching.__file__)", cwd=elsewhere)
    assert installed - {"pip", "setuptools"} == {"panhuo", "numpy"}
    assert Path(where).is_relative_to(tmp_path / "venv")
    assert run(python, "-I", ROOT / "tests/matching/page.py", ROOT / "docs/matching.md", cwd=elsewhere) == ""
