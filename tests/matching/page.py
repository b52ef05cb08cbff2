"""The examples of a page: each `python` block is run after those before it, and prints the `text` block that follows.

Plain Python, so that it runs where nothing but the library is installed:
`python tests/matching/page.py PAGE` names what differs, with `--write` it writes what was printed into the page.
"""

from __future__ import annotations

import difflib
import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\n(?P<between>\s*)(?:```text\n(?P<printed>.*?)```\n)?", re.DOTALL)


def printed_anew(page: str) -> str:
    """The page with what its examples print now; one that prints nothing has no `text` block."""
    names: dict[str, object] = {}

    def run(example: re.Match[str]) -> str:
        out = StringIO()
        with redirect_stdout(out):
            exec(compile(example["code"], "example", "exec"), names)
        shown = f"\n```text\n{out.getvalue()}```\n" if out.getvalue() else ""
        rest = "" if example["printed"] is not None else example["between"]
        return f"```python\n{example['code']}```\n{shown}{rest}"

    return EXAMPLE.sub(run, page)


def main(file: str, *options: str) -> int:
    """0 where the page says what its examples print."""
    page = Path(file).read_text(encoding="utf-8")
    made = printed_anew(page)
    if "--write" in options:
        Path(file).write_text(made, encoding="utf-8")
        return 0
    sys.stdout.writelines(difflib.unified_diff(page.splitlines(True), made.splitlines(True), "page", "printed"))
    return int(page != made)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
