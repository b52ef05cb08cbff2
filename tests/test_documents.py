"""What the documents say is what the code does."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from ops.settings import table_markdown
from reports.fields import DOCUMENT, markdown

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_configuration_table_is_that_of_the_settings() -> None:
    written = README.split("<!-- configuration -->")[1].split("<!-- /configuration -->")[0].strip()

    assert written == table_markdown().strip()


def test_the_readme_names_every_folder() -> None:
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}

    assert {folder for folder in folders if f"`{folder}/`" not in README} == set()
    assert "actions" in folders


def test_the_table_of_fields_is_that_of_the_code() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == markdown(), "run make fields"


async def test_the_request_shown_gets_the_answer_shown(client: httpx.AsyncClient) -> None:
    asked = README.split("curl 'http://127.0.0.1:8000")[1].split("'")[0]
    shown = json.loads(README.split("```json")[1].split("```")[0])

    assert (await client.get(asked)).json() == shown
