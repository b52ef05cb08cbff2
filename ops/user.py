"""Accounts from the command line, as the service: what each command prints, for people and for programs."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import Namespace
from typing import Any
from uuid import UUID

from actions import account as acts
from domain.actor import SYSTEM
from domain.answer import Answer
from domain.errors import Invalid, NotFound
from domain.words import Role
from store import account, park
from store.db import Database
from texts.lookup import side_by_side

Result = tuple[str, dict[str, Any]]


def _answer(key: str) -> str:
    return side_by_side("command_line", "answer", key)


async def list_accounts(db: Database, _: Namespace) -> Result:
    """A line an account: login, role, whether it may sign in, its parks by code or its firm."""
    items = [json.loads(row["document"]) for row in await account.page(db, None, None, None)]
    codes = await park.codes(db)
    lines = [
        "  ".join(
            [
                item["login"],
                item["role"],
                _answer("active") if item["is_active"] else _answer("disabled"),
                *(codes[park_id] for park_id in item["park_ids"]),
                *([item["firm_id"]] if item["firm_id"] else []),
            ]
        )
        for item in items
    ]
    return "\n".join(lines), {"items": items}


async def add(db: Database, arguments: Namespace) -> Result:
    made = await acts.add_account(
        db,
        SYSTEM,
        login=arguments.login,
        password=_password(),
        role=Role(arguments.role),
        park_ids=await _park_ids(db, arguments.park),
        firm_id=arguments.firm,
    )
    shown = json.loads(made.body)
    return shown["id"], shown


def _password() -> str:
    """Typed twice at a terminal, else a line of the standard input; never an argument, which others can read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(_answer("enter_password"))
    if getpass.getpass(_answer("repeat_password")) != password:
        raise Invalid("passwords_differ", "password")
    return password


async def _park_ids(db: Database, parks: list[str]) -> list[UUID]:
    """Parks by code or id. Raises NotFound naming the first that is not there."""
    codes = await park.codes(db)
    ids = {code: park_id for park_id, code in codes.items()} | {park_id: park_id for park_id in codes}
    for text in parks:
        if text not in ids:
            raise NotFound("no_such_park", f"--park {text[:64]}")
    return [UUID(ids[text]) for text in parks]


async def disable(db: Database, arguments: Namespace) -> Result:
    account_id = await _account(db, arguments)
    return _done(arguments, "disabled", await acts.set_active(db, SYSTEM, account_id, is_active=False, once=None))


async def _account(db: Database, arguments: Namespace) -> UUID:
    """The account of a login. Raises NotFound."""
    row = await account.by_login(db, arguments.login)
    if row is None:
        raise NotFound("no_such", "login")
    account_id: UUID = row["id"]
    return account_id


def _done(arguments: Namespace, text: str, answer: Answer) -> Result:
    return f"{arguments.login}  {_answer(text)}", json.loads(answer.body)


async def enable(db: Database, arguments: Namespace) -> Result:
    account_id = await _account(db, arguments)
    return _done(arguments, "active", await acts.set_active(db, SYSTEM, account_id, is_active=True, once=None))


async def set_password(db: Database, arguments: Namespace) -> Result:
    account_id = await _account(db, arguments)
    return _done(arguments, "password_set", await acts.set_password(db, SYSTEM, account_id, _password(), once=None))


async def set_parks(db: Database, arguments: Namespace) -> Result:
    account_id, park_ids = await _account(db, arguments), await _park_ids(db, arguments.park)
    return _done(arguments, "parks_set", await acts.set_parks(db, SYSTEM, account_id, park_ids, once=None))
