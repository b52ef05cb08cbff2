"""An upload of 20 MB beside `curl` to a bare handler that writes the file. `make bench-attachments`.

Both are served by granian with one worker and sent to by curl, which starts anew each time; rounds in turn, medians.
The bare handler hashes nothing and keeps no row; once it does not wait for the disk, once it does.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from random import Random

from bench.items import empty, url
from fixtures.load import load_dazu, load_reference
from store import flat
from store.db import Database
from tests.server import serving

NAME, MEGABYTES, ROUNDS = "panhuo_bench_attachments", 20, 21
ROUNDS_OF_PHOTOS, PORT = 4, 8791


async def prepare(folder: Path) -> str:
    """A database with the demo; the key of the staff of a park, and where a file is sent."""
    await empty(NAME)
    db = await Database.connect(url("panhuo_service", NAME), size=2, public_size=1, statement_timeout_ms=300_000)
    await load_reference(db)
    await flat.write_anew(db)
    await load_dazu(db, folder / "demo-accounts.json", today=date.today())
    async with db.system() as conn:
        park_id = await conn.fetchval("SELECT id FROM park WHERE code = 'shuangqiao'")
    await db.close()
    accounts = json.loads((folder / "demo-accounts.json").read_text(encoding="utf-8"))["accounts"]
    key = next(account["api_key"] for account in accounts if account["login"] == "demo-shuangqiao")
    return f"{park_id} {key}"


def paper(folder: Path) -> Path:
    """A paper of random bytes, each time another: the same twice would be the same file."""
    file = folder / "paper.pdf"
    file.write_bytes(b"%PDF-1.7\n" + os.urandom(MEGABYTES << 20))
    return file


def photo(folder: Path) -> Path:
    """A photo of about as many bytes: noise, as no camera takes it."""
    from PIL import Image

    file = folder / "photo.jpg"
    Image.frombytes("RGB", (4000, 3000), Random(1).randbytes(36_000_000)).save(file, quality=95)
    return file


def sent(file: Path, address: str, *headers: str) -> float:
    """Seconds until curl has the answer."""
    more = [part for header in headers for part in ("-H", header)]
    command = [
        "curl",
        "-s",
        "-f",
        "-o",
        "/dev/null",
        "-w",
        "%{time_total}",
        "--data-binary",
        f"@{file}",
        *more,
        address,
    ]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


CASES = (
    (f"PDF, {MEGABYTES} MB", "other", ROUNDS, paper),
    ("photo, 12 million points", "photo", ROUNDS_OF_PHOTOS, photo),
)


def main() -> None:
    medians: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        park_id, key = asyncio.run(prepare(folder)).split()
        own = os.environ | {"PORT": str(PORT), "DATA_DIR": name}
        bare = subprocess.Popen([sys.executable, "-P", "-m", "bench.bare_upload"], env=own)
        try:
            with serving(url("panhuo_service", NAME), DATA_DIR=name) as (_, port):
                place = f"http://127.0.0.1:{port}/api/v1/parks/{park_id}/attachments?file_name=a&kind="
                headers = (f"X-API-Key: {key}", "Content-Type: application/octet-stream")
                bare_place = f"http://127.0.0.1:{PORT}/file"
                for what, kind, rounds, make in CASES:
                    taken = []
                    for _ in range(rounds + 1):
                        file = make(folder)
                        ours = sent(file, f"{place}{kind}", *headers)
                        taken.append([ours, *(sent(file, bare_place + query, headers[1]) for query in ("", "?synced"))])
                    medians[what] = [statistics.median(column) * 1000 for column in zip(*taken[1:], strict=True)]
        finally:
            bare.terminate()
            bare.wait()
    print("| file | Panhuo ms | bare handler ms | on the disk | | |\n|---|---|---|---|---|---|")
    for what, (ours, bare_ms, synced_ms) in medians.items():
        ratios = f"{ours / bare_ms:.2f} times | {ours / synced_ms:.2f} times"
        print(f"| {what} | {ours:.0f} | {bare_ms:.0f} | {synced_ms:.0f} | {ratios} |")


if __name__ == "__main__":
    main()
