"""Clients are generated from the description without a warning; the code of docs/clients.md is run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from actions.webhook_delivery import signature
from api.answers import ANSWERS
from tests.api.test_docs import served
from tests.conftest import Dazu
from tests.described import document

__all__ = ["served"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/clients.md").read_text(encoding="utf-8")
NPX = shutil.which("npx")


def code(name: str) -> str:
    """A block of the page."""
    (block,) = re.findall(rf"```python {name}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


def ran(*words: str | Path, **more: str) -> str:
    """What a program says, on both its channels. Raises where it fails."""
    done = subprocess.run(list(map(str, words)), env=os.environ | more, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def described_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the description in it."""
    folder = tmp_path_factory.mktemp("clients")
    (folder / "openapi.json").write_text(json.dumps(document()), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(described_in: Path) -> Path:
    """An environment of its own with the generated client installed; its Python."""
    uv, python = Path(sys.executable).with_name("uv"), described_in / "venv/bin/python"
    ran(uv, "venv", "-q", "--python", sys.executable, described_in / "venv")
    ran(uv, "pip", "sync", "-q", "--require-hashes", "--python", python, ROOT / "clients/requirements.lock")
    generated = ran(
        described_in / "venv/bin/openapi-python-client", "generate", "--path", described_in / "openapi.json",
        "--config", ROOT / "clients/python.yaml", "--meta", "setup", "--output-path", described_in / "generated",
        "--fail-on-warning", PATH=f"{described_in / 'venv/bin'}:{os.environ['PATH']}",
    )  # fmt: skip
    assert "arning" not in generated, generated
    ran(uv, "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--python", python, described_in / "generated")
    return python


@pytest.mark.slow
def test_the_generated_client_is_typed(environment: Path, described_in: Path) -> None:
    use = described_in / "use.py"
    use.write_text(code("client") + "    reveal_type(unit.points)\n", encoding="utf-8")

    shown = ran(
        sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", environment,
        "--cache-dir", described_in / "cache", use,
    )  # fmt: skip

    assert 'Revealed type is "str"' in shown.replace("builtins.", "")


#: Reads the JSON example of every answer by the record that the description names.
READ_ALL = """
import json, sys
import panhuo_client.models as models
document = json.load(open(sys.argv[1], encoding="utf-8"))
for methods in document["paths"].values():
    for operation in methods.values():
        for status, answer in operation["responses"].items():
            for form in answer.get("content", {}).values():
                if "$ref" in form["schema"] and "example" in form:
                    getattr(models, form["schema"]["$ref"].rpartition("/")[2]).from_dict(form["example"])
                    print(operation["operationId"])
"""


@pytest.mark.slow
def test_the_generated_client_reads_every_example(environment: Path, described_in: Path) -> None:
    names = ran(environment, "-c", READ_ALL, described_in / "openapi.json").split()

    assert set(names) == set(ANSWERS)


@pytest.mark.slow
async def test_the_page_registers_publishes_ranks_and_resumes(environment: Path, served: str, dazu: Dazu) -> None:
    own = {"PANHUO_URL": served, "PANHUO_KEY": dazu.key("demo-shuangqiao"), "PYTHONUTF8": "1"}

    ranked = ran(environment, "-c", code("client"), **own)
    first = ran(environment, "-c", code("stream"), **own)
    second = ran(environment, "-c", code("stream"), LAST_ID=first.rpartition("LAST_ID ")[2].split("\n")[0], **own)

    assert re.search(r"^\d+\.\d .* 综合得分 \d+\.\d 分", ranked, re.MULTILINE), ranked
    acts = [json.loads(line)["id"] for text in (first, second) for line in text.splitlines() if line[:1] == "{"]
    assert len(set(acts)) == 2, (first, second)


@pytest.mark.slow
@pytest.mark.skipif(NPX is None, reason="no node")
def test_types_for_typescript_are_generated(described_in: Path) -> None:
    shown = ran(
        str(NPX), "--yes", "openapi-typescript@7.13.0", described_in / "openapi.json", "-o", described_in / "panhuo.ts"
    )

    assert "warn" not in shown.lower(), shown
    assert "RankedUnit: {" in (described_in / "panhuo.ts").read_text(encoding="utf-8")


def test_the_receiver_of_the_page_knows_what_the_service_signs() -> None:
    scope: dict[str, object] = {}
    exec(code("receiver"), scope)
    is_ours, now = scope["is_ours"], time.time()
    assert callable(is_ours)
    stamp, body, keys = str(int(now)), b'{"type":"events"}', (b"k" * 32, b"old" * 10)
    offers = " ".join(signature(key, "evt_1", stamp, body) for key in keys)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": stamp, "webhook-signature": offers}
    secrets = ["whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"]

    assert [is_ours(headers, body, secret, now) for secret in secrets] == [True, True]
    assert not is_ours(headers, body + b" ", secrets[0], now)
    assert not is_ours(headers | {"webhook-id": "evt_2"}, body, secrets[0], now)
    assert not is_ours(headers, body, secrets[0], now + 301)
