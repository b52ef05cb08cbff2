"""What the command line and the interface's description show where a folder of texts has one language alone.

A process of its own, since some of it is read when a module is: `python -m tests.texts.alone FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

from texts import lookup


def holes(text: str) -> dict[str, object]:
    return {name: 1 for _, name, _, _ in Formatter().parse(text) if name is not None}


def helped(parser: argparse.ArgumentParser) -> Iterator[str | None]:
    """The texts of a command and of those below it; what argparse says itself is not ours."""
    yield from (parser.description, parser.epilog)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from (choice.help for choice in action._choices_actions)
            for below in action.choices.values():
                yield from helped(below)
        elif not isinstance(action, argparse._HelpAction):
            yield action.help


def command_line() -> Iterator[str | None]:
    from domain.errors import Fault, Invalid
    from ops import cli, doctor, settings
    from ops.launcher import refusal_text
    from ops.premises import ClusterRefused

    texts = lookup.tables("command_line", *lookup.languages())
    yield from helped(cli._parser())
    yield from (
        lookup.side_by_side("command_line", "answer", key, between=" ", **holes(text))
        for key, text in texts["answer"].items()
    )
    yield from (str(ClusterRefused(key, **holes(text))) for key, text in texts["fault"].items())
    for check in (doctor.FONT, doctor.DATABASE, *doctor.CHECKS, doctor.CHAIN, doctor.ANCHOR):
        yield from doctor.lines(doctor.CheckResult(check))
        yield from doctor.lines(doctor.CheckResult(check, ["1"]))
    yield from (row.split("|")[3] for row in settings.table_markdown().splitlines())
    for environ in ({"PORT": "0"}, {"PANHUO_WORKER": "1"}, {"DATABASE_ADMIN_URL": "postgresql://one@two/three"}):
        try:
            settings.read(environ)
        except settings.SettingsError as wrong:
            yield str(wrong)
    refusals = lookup.tables("refusals", *lookup.languages())
    yield from (refusal_text(Invalid.of([Fault(key, "", holes(text))])) for key, text in refusals["start"].items())
    yield refusal_text(Invalid.of([Fault("taken", "", {})]))


def interface() -> Iterator[str | None]:
    from litestar import Litestar

    from api import docs
    from api.app import ROUTES
    from api.description import described

    document = json.loads(described(Litestar(ROUTES, openapi_config=None)))
    yield from (document["info"]["title"], document["info"]["description"])
    yield docs.PAGE.decode().partition("<title>")[2].partition("</title>")[0]
    yield from (tag["description"] for tag in document["tags"])
    for methods in document["paths"].values():
        for operation in methods.values():
            yield operation["summary"]
            yield from (response["description"] for response in operation["responses"].values())
            for parameter in operation["parameters"]:
                yield from (parameter.get("description"), parameter["schema"].get("description"))
    for schema in document["components"]["schemas"].values():
        yield from described_parts(schema)


def described_parts(schema: Any) -> Iterator[str | None]:
    """What a schema says of itself and of its members; the words of a vocabulary apart."""
    yield schema["description"].partition("\n\n- `")[0]
    for member in schema.get("properties", {}).values():
        yield member.get("description")


def sources() -> Iterator[str | None]:
    yield from (
        lookup.side_by_side("sources", "source", key) for key in lookup.tables("sources", *lookup.languages())["source"]
    )


def main(folder: str) -> None:
    lookup.FOLDER = Path(folder)
    shown = {part.__name__: [text for text in part() if text] for part in (command_line, interface, sources)}
    print(json.dumps(shown))


if __name__ == "__main__":
    main(sys.argv[1])
