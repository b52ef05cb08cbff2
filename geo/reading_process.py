"""Reading of a file from outside in a process of its own: within limits, without this one's secrets.

Both sides: the caller copies the file and sends one request (`copied_parts`, `process_answer`), the process answers it
(`answer_request`). A request comes as JSON on standard input, the answer goes as JSON to standard output.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from domain.errors import Fault, Invalid

CHUNK_BYTES = 1 << 20
#: What of this process's environment the reading one needs to start.
KEPT = ("PATH", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE")
#: Where this code lies: the process reads with the same, wherever it was loaded from.
ROOT = str(Path(__file__).resolve().parent.parent)
START = "import sys, runpy; sys.path.insert(0, sys.argv[1]); runpy.run_module(sys.argv[2], run_name='__main__')"
Json = dict[str, Any]


@dataclass(frozen=True)
class ReadingLimits:
    """What reading one file may take."""

    file_bytes: int = 256 << 20
    memory_bytes: int = 3 << 30
    cpu_s: int = 60
    wall_s: float = 120.0
    answer_bytes: int = 256 << 20
    exit_code_limit: int = 71


def copied_parts(parts: Iterable[tuple[Path, Path]], limits: ReadingLimits, name: str) -> list[list[str]]:
    """Copies each part of a file to its place; the names of the copies with their digests.

    Raises: Invalid where all parts together are too large.
    """
    left, key = limits.file_bytes, []
    for part, target in parts:
        digest = hashlib.sha256()
        with part.open("rb") as source, target.open("wb") as sink:
            while chunk := source.read(CHUNK_BYTES):
                left -= len(chunk)
                if left < 0:
                    raise Invalid("file_too_large", "file", file=name, most=limits.file_bytes)
                digest.update(chunk)
                sink.write(chunk)
        key.append([target.name, digest.hexdigest()])
    return key


def process_answer(
    module: str,
    request: Mapping[str, Any],
    folder: str,
    limits: ReadingLimits,
    *,
    environment: Mapping[str, str] = MappingProxyType({}),
    object_hook: Callable[[Json], Any] | None = None,
) -> Any:
    """What the reading process answers. `environment` comes beside the little it gets of this one's.

    `object_hook`: as of `json.load`.

    Raises: Invalid where the process refused the file, broke on it or came to a limit.
    """
    heavy = Invalid("file_too_heavy", "file", file=request["name"], s=limits.cpu_s, mb=limits.memory_bytes >> 20)
    with tempfile.TemporaryFile(dir=folder) as answer:
        try:
            child = subprocess.run(
                [sys.executable, "-I", "-c", START, ROOT, module], cwd=folder,
                env=child_environment(folder) | dict(environment), input=json.dumps(request).encode(), stdout=answer,
                stderr=subprocess.DEVNULL, timeout=limits.wall_s, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as fault:
            raise heavy from fault
        if child.returncode < 0 or child.returncode == limits.exit_code_limit:
            raise heavy
        if child.returncode != 0:
            raise Invalid("file_unreadable", "file", file=request["name"])
        answer.seek(0)
        document = json.load(answer, object_hook=object_hook)
    if "faults" in document:
        raise Invalid.of([Fault(**fault) for fault in document["faults"]])
    return document


def child_environment(folder: str) -> dict[str, str]:
    """A child process gets nothing of this one's that it does not need, above all no address of a database."""
    own = {name: value for name, value in os.environ.items() if name in KEPT}
    return own | {"HOME": folder, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"}


def answer_request(answer: Callable[[Json], Json], *, default: Callable[[Any], Any] | None = None) -> None:
    """Answers one request within its limits; the reading process does nothing else. `default`: as of `json.dumps`."""
    request = json.load(sys.stdin)
    limits = request["limits"]
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_s"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["answer_bytes"],) * 2)
    try:
        try:
            document = answer(request)
        except Invalid as refusal:
            document = {"faults": [plain_fault(fault) for fault in refusal.faults]}
        sys.stdout.write(json.dumps(document, default=default))
        sys.stdout.flush()
    except (MemoryError, OSError):  # the latter where the answer outgrows its file
        os._exit(limits["exit_code_limit"])


def plain_fault(fault: Fault) -> Json:
    """A fault as JSON."""
    return {"code": fault.code, "field": fault.field, "params": dict(fault.params)}
