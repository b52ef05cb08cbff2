"""What the documents say is what the code does."""

from __future__ import annotations

from pathlib import Path

from api.settings import table_markdown

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_configuration_table_is_that_of_the_settings() -> None:
    written = README.split("<!-- configuration -->")[1].split("<!-- /configuration -->")[0].strip()

    assert written == table_markdown().strip()


def test_the_readme_names_every_folder() -> None:
    folders = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}

    assert {folder for folder in folders if f"`{folder}/`" not in README} == set()
    assert "actions" in folders
