"""QGIS of the system, without a window, against a real server: what it opens, counts, filters, and how it pages."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.collections import COLLECTIONS
from tests.conftest import Dazu
from tests.ogc.recorder import Recording, recording

PYTHON = "/usr/bin/python3"
READER = Path(__file__).with_name("qgis_reader.py")


def has_qgis() -> bool:
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_qgis(), reason="no QGIS: apt-get install python3-qgis qgis-providers"),
]


@pytest.fixture
def served(dazu: Dazu) -> Iterator[Recording]:
    with recording(dazu.url) as record:
        yield record


def read(served: Recording, home: Path, *layers: dict[str, Any]) -> list[dict[str, Any]]:
    """What QGIS finds in each layer."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    own |= {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(runtime), "HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [PYTHON, str(READER)], env=own, capture_output=True, text=True, check=False, timeout=300,
        input=json.dumps({"layers": [{"url": served.address, **layer} for layer in layers]}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    print(answer["version"])
    opened: list[dict[str, Any]] = answer["layers"]
    assert all(layer["is_valid"] for layer in opened), opened
    return opened

def test_probe(served, tmp_path):
    out = read(served, tmp_path, *({"typename": n} for n in COLLECTIONS))
    for n,o in zip(COLLECTIONS,out): print(n, {k:(v if k not in("ids","fields") else len(v)) for k,v in o.items()})
    print(out[0]["fields"])
    for e in served.exchanges: print(e.method,e.status,e.target[:200], e.headers.get("accept"))
    for sub in ["\"level\" = 'floor'", "\"area_m2\" > 3000", "\"changed_at\" >= to_datetime('2020-01-01T00:00:00Z')","\"idle_since\" <= to_date('2024-01-01')","\"idle_since\" <= '2024-01-01'", "\"level\" = 'floor' and \"changed_at\" <= to_datetime('2027-01-01T00:00:00Z')", "\"storeys\" = 3", "\"is_leaf\" = true","\"level\" = 'floor' and \"area_m2\">3000"]:
        served.exchanges.clear()
        o=read(served,tmp_path,{"typename":"factory","subset":sub})[0]
        print("==",sub,o["is_set"],o["counted"],len(o["ids"]))
        for e in served.exchanges:
            if e.parameters: print("    ",e.method,e.status,e.target)
    served.exchanges.clear()
    o=read(served,tmp_path,{"typename":"factory","box":[105.7,29.4,105.8,29.6]})[0]
    print(len(o["ids"]));[print("    ",e.method,e.status,e.target) for e in served.exchanges if e.parameters]
