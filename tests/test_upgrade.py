"""An upgrade for real: the released version makes its data and says its figures, this one takes over the same folder.

`tests/released` names the commit of the last release. It is taken out of the history into a folder of its own and run
from there, with this environment; a copy without that history skips the test and says so.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.test_served import _free_port, _wait_until_ready

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parent.parent
YEARS = [{"from": f"{year}-01-01", "to": f"{year}-12-31"} for year in (2023, 2024, 2025)]
#: Figures by route, each with what is asked of it.
FIGURES = {
    "revitalized": [*YEARS, {**YEARS[2], "group_by": "park"}, {**YEARS[2], "group_by": "path"}],
    "idle": [{"on": "2025-06-30"}, {"on": "2025-12-31", "group_by": "park"}],
    "idle-days": [YEARS[2]],
    "vacancy": [{"on": "2025-06-30"}],
    "funnel": [YEARS[2]],
    "delivery": [{"year": 2024}, {"year": 2025}],
    "service-requests": [YEARS[2]],
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the released commit."""
    commit = (HERE / "tests" / "released").read_text(encoding="utf-8").strip()
    command = ["git", "-C", str(HERE), "archive", "--format=tar", commit]
    made = subprocess.run(command, capture_output=True, check=False) if shutil.which("git") else None
    if made is None or made.returncode != 0:
        pytest.skip(f"the released commit {commit[:12]} is not in the history of this copy")
    place = tmp_path_factory.mktemp("released")
    with tarfile.open(fileobj=io.BytesIO(made.stdout)) as files:
        files.extractall(place, filter="data")
    return place


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the private cluster's account can reach."""
    place = Path(tempfile.mkdtemp(prefix="panhuo-test-", dir="/tmp"))
    place.chmod(0o711)
    yield place
    shutil.rmtree(place, ignore_errors=True)


def test_figures_stay_through_an_upgrade_and_all_is_well(released: Path, data: Path) -> None:
    with served(released, data) as address:
        before = figures(address, data)
    with served(HERE, data) as address:
        after = figures(address, data)
        doctor = panhuo(HERE, data, "doctor")
        examined, _ = doctor.communicate(timeout=120)

    assert before["revitalized"][2]["land"]["cases"] > 0
    assert {route: kept(answers, after[route]) for route, answers in before.items()} == before
    assert (doctor.returncode, examined.decode().splitlines()[-1]) == (0, "一切正常 all is well"), examined.decode()


def panhuo(version: Path, data: Path, *arguments: str, port: int = 0) -> subprocess.Popen[bytes]:
    """The command line of a version, on a data folder."""
    script: str = tomllib.loads((version / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"][
        "panhuo"
    ]
    module, function = script.split(":")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    environment |= {"DATA_DIR": str(data / "data"), "PANHUO_RUNTIME_DIR": str(data), "PYTHONPATH": str(version)}
    environment |= {"PANHUO_LOG_LEVEL": "warning"} | ({"PORT": str(port)} if port else {})
    command = [sys.executable, "-P", "-c", f"import sys; from {module} import {function}; sys.exit({function}())"]
    return subprocess.Popen([*command, *arguments], cwd=version, env=environment, stdout=subprocess.PIPE)


@contextmanager
def served(version: Path, data: Path) -> Iterator[str]:
    """The address of that version's service."""
    address = f"http://127.0.0.1:{(port := _free_port())}"
    launcher = panhuo(version, data, "up", port=port)
    try:
        _wait_until_ready(address, launcher)
        yield address
    finally:
        launcher.terminate()
        launcher.communicate(timeout=60)


def figures(address: str, data: Path) -> dict[str, list[Any]]:
    """What the demo's administrator is answered."""
    accounts = json.loads((data / "data" / "demo-accounts.json").read_text(encoding="utf-8"))["accounts"]
    key = next(account["api_key"] for account in accounts if account["login"] == "demo-admin")
    with httpx.Client(base_url=f"{address}/api/v1/stats/", headers={"X-API-Key": key}, timeout=30) as http:
        return {
            route: [http.get(route, params=params).raise_for_status().json() for params in queries]
            for route, queries in FIGURES.items()
        }


def kept(before: Any, after: Any) -> Any:
    """What is said now of all that was said before; a later version may say more."""
    if isinstance(before, dict) and isinstance(after, dict):
        return {name: kept(value, after.get(name)) for name, value in before.items()}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [kept(*pair) for pair in zip(before, after, strict=True)]
    return after
