"""Whose rows each caller reaches by plain SQL, rights in code out of the way: every guarded table, every command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import pytest_asyncio

from domain.actor import Actor
from domain.words import Role
from store.db import _settings
from tests.conftest import Dazu

#: What each caller may do with its own rows and with those of another: S select, I insert, U update, D delete,
#: M move a row from one tenant to the other; – none. Names without a schema lie in `panhuo`.
#:
#: The staff are those of Dazu's Gaoxin park, the firm is 智鼎, a tenant there. A tenant column that may hold parks or
#: firms is compared with the caller's; `park_id,firm_id` is the first for staff and the second for firms. The other
#: tenant is the other park, and for the firm another firm, a tenant of the same park. `-`: rows of no tenant.
#: `no setting` is the application's role before it says who calls.
MATRIX = """
relation              tenant                 staff: own other  firm: own other  no setting  public
account               account                –          –      –         –      –           –
account_park          account_id             –          –      –         –      –           –
agreement             park_id                SIU        –      –         –      –           –
agreement_known       park_id                S          –      –         –      –           –
api_key               account_id             SIU        –      SIU       –      –           –
approval              park_id                SIU        –      –         –      –           –
approval_known        park_id                S          –      –         –      –           –
asset                 park_id                SIUD       –      –         –      –           –
asset_adjacency       park_id                SID        –      –         –      –           –
asset_known           park_id                S          –      –         –      –           –
attachment            park_id                SIU        –      –         –      –           –
attachment_known      park_id                S          –      –         –      –           –
batch                 park_id                SI         –      –         –      –           –
contact               park_id                SIU        –      –         –      –           –
counter               park_id                S          –      –         –      –           –
demand                firm_id                –          –      SIU       –      –           –
demand_known          firm_id                –          –      S         –      –           –
development           park_id                SIU        –      –         –      –           –
development_known     park_id                S          –      –         –      –           –
enquirer              park_id                SIUD       –      –         –      –           –
enquiry               park_id                SIU        –      –         –      –           –
enquiry_known         park_id                S          –      –         –      –           –
enquiry_terms         park_id                SIU        –      –         –      –           –
equity_swap           park_id                SIU        –      –         –      –           –
event                 scope_id               SI         –      SI        –      –           –
firm                  firm                   –          –      SIU       –      –           –
firm_fact             -                      SU         SU     SU        SU     –           –
firm_officer          park_id                SIU        –      –         –      –           –
head                  scope_id               SIU        –      SIU       –      –           –
history.agreement     park_id                S          –      –         –      –           –
history.approval      park_id                S          –      –         –      –           –
history.asset         park_id                S          –      –         –      –           –
history.demand        firm_id                –          –      S         –      –           –
history.attachment    park_id                S          –      –         –      –           –
history.development   park_id                S          –      –         –      –           –
history.enquiry       park_id                S          –      –         –      –           –
history.equity_swap   park_id                S          –      –         –      –           –
history.firm_officer  park_id                S          –      –         –      –           –
history.indicator     park_id                S          –      –         –      –           –
history.light         park_id                S          –      –         –      –           –
history.milestone     park_id                S          –      –         –      –           –
history.occupancy     park_id                S          –      –         –      –           –
history.outcome       park_id,firm_id        S          –      S         –      –           –
history.outcome       park_id,owner_firm_id  S          –      S         –      –           –
history.outcome_asset park_id                S          –      –         –      –           –
history.park          park                   S          –      –         –      –           –
history.park_total    park_id                S          –      –         –      –           –
history.pin           park_id                S          –      –         –      –           –
history.public_contact park_id                S          –      –         –      –           –
history.report        park_id                S          –      –         –      –           –
history.revival       park_id                S          –      –         –      –           –
history.scheme        -                      –          –      –         –      –           –
history.service_request park_id,firm_id        S          –      S         –      –           –
history.tenancy       park_id,firm_id        S          –      S         –      –           –
holding               park_id                SIU        –      –         –      –           –
idempotency           actor_id               SIUD       –      SIUD      –      –           –
import                park_id                SIU        –      –         –      –           –
import_row            park_id                SID        –      –         –      –           –
indicator             park_id                SIU        –      –         –      –           –
indicator_known       park_id                S          –      –         –      –           –
industry              -                      –          –      –         –      –           –
instance              -                      –          –      –         –      –           –
interest              park_id,firm_id        SI         –      SI        –      –           –
invitation            firm_id                –          –      SIU       –      –           –
ledger_transaction    park_id                SI         –      –         –      –           –
light                 park_id                SIUD       –      –         –      –           –
light_known           park_id                S          –      –         –      –           –
mandate               park_id,firm_id        S          –      SIU       –      –           –
match_notice          firm_id                –          –      SI        –      –           –
milestone             park_id                SIU        –      –         –      –           –
milestone_known       park_id                S          –      –         –      –           –
notice_cursor         park_id                –          –      –         –      –           –
notice_round          -                      –          –      –         –      –           –
occupancy             park_id                SIUD       –      –         –      –           –
occupancy_known       park_id                S          –      –         –      –           –
outcome               park_id,firm_id        SIU        –      S         –      –           –
outcome               park_id,owner_firm_id  SIU        –      S         –      –           –
outcome_asset         park_id                SIU        –      –         –      –           –
outcome_asset_known   park_id                S          –      –         –      –           –
outcome_known         park_id,firm_id        S          –      S         –      –           –
outcome_known         park_id,owner_firm_id  S          –      S         –      –           –
park                  park                   S          –      –         –      –           –
park_known            park                   S          –      –         –      –           –
park_total            park_id                SIU        –      –         –      –           –
park_total_known      park_id                S          –      –         –      –           –
pin                   park_id                SIUD       –      –         –      –           –
pin_known             park_id                S          –      –         –      –           –
public_contact        park_id                SIUD       –      –         –      –           –
public_contact_known  park_id                S          –      –         –      –           –
ranking               firm_id                –          –      SI        –      –           –
report                park_id                SIU        –      –         –      –           –
report_known          park_id                S          –      –         –      –           –
reporting_year        park_id                SIU        –      –         –      –           –
revival               park_id                SIUD       –      –         –      –           –
revival_known         park_id                S          –      –         –      –           –
scheme                -                      –          –      –         –      –           –
scheme_known          -                      –          –      –         –      –           –
separation            park_id                SI         –      –         –      –           –
service_request       park_id,firm_id        SIU        –      SIU       –      –           –
service_request_known park_id,firm_id        S          –      S         –      –           –
session               account_id             –          –      –         –      –           –
sign_in_tries         -                      –          –      –         –      –           –
sign_up               park_id                –          –      –         –      –           –
spent_refresh_token   -                      –          –      –         –      –           –
tenancy               park_id,firm_id        SIU        –      S         –      –           –
tenancy_known         park_id,firm_id        S          –      S         –      –           –
tile_version          park_id                S          –      –         –      –           –
visit                 park_id                SI         –      –         –      –           –
webhook               scope_id               SIUD       –      SIUD      –      –           –
webhook_secret        scope_id               I          –      I         –      –           –
zone                  park_id                SIU        –      –         –      –           –
"""

#: Rows that the demo lacks: parks of the firm's account, a zone in either park, sessions, rankings, a past for what
#: never changed. An isolation is shown only where there is something to reach.
PLANTED = """
INSERT INTO account_park (account_id, park_id) SELECT account.id, park.id FROM account, park WHERE role = 'firm';
INSERT INTO zone (park_id, id, code, name_zh, boundary)
  SELECT id, gen_random_uuid(), 'planted', 'planted', boundary FROM park;
INSERT INTO separation (park_id, asset_id, other_id, reason)
  SELECT park_id, min(id::text)::uuid, max(id::text)::uuid, 'planted' FROM asset GROUP BY park_id;
INSERT INTO batch (park_id, id, kind, account_id, amended)
  SELECT id, gen_random_uuid(), 'change', (SELECT id FROM account LIMIT 1), 1 FROM park;
INSERT INTO import (park_id, id, account_id, file_name, file_sha256, file_bytes, options)
  SELECT id, gen_random_uuid(), (SELECT id FROM account LIMIT 1), 'planted', repeat('0', 64), 1,
    '{"mapping": {}, "sheets": null, "encoding": null, "crs": null, "layer": null}' FROM park;
INSERT INTO import_row (park_id, import_id, n, verdict, document)
  SELECT park_id, id, 99, 'same', '{"row": 99, "sheet": "", "line": 1, "changes": [], "issues": []}' FROM import;
INSERT INTO session (id, account_id, access_hash, access_until, refresh_hash, refresh_until, ends_at)
  SELECT gen_random_uuid(), id, sha256(id::text::bytea), now(), sha256(id::text::bytea), now(), now() FROM account;
INSERT INTO sign_in_tries (key, tries, ends_at) VALUES ('planted', 1, 'infinity');
INSERT INTO spent_refresh_token (token_hash, session_id, spent_at, salt)
  SELECT sha256(id::text::bytea), id, now(), 'planted' FROM session;
INSERT INTO ranking (firm_id, id, demand_id, demand_version, day, model_version, chain_version, inputs, answer)
  SELECT firm_id, gen_random_uuid(), id, version, '2025-06-30', 'planted', 'planted', '{}', '{}' FROM demand;
INSERT INTO interest (park_id, id, asset_id, firm_id, demand_id, ranking_id, was_shown, act, happened_on)
  SELECT t.park_id, gen_random_uuid(), t.asset_id, r.firm_id, r.demand_id, r.id, false, 'viewed', '2025-06-30'
  FROM tenancy AS t JOIN ranking AS r USING (firm_id);
INSERT INTO pin (park_id, demand_id, asset_id, firm_id, placement, reason)
  SELECT DISTINCT ON (t.park_id, d.id) t.park_id, d.id, t.asset_id, d.firm_id, 'pinned', 'planted'
  FROM tenancy AS t JOIN demand AS d USING (firm_id) ORDER BY t.park_id, d.id, t.asset_id;
UPDATE pin SET reason = reason;
INSERT INTO match_notice (firm_id, demand_id, demand_version, park_id, asset_id, kind, place, status)
  SELECT DISTINCT ON (d.id) d.firm_id, d.id, d.version, a.park_id, a.id, a.kind, 1, 'fit' FROM demand AS d, asset AS a
  ORDER BY d.id, a.id;
INSERT INTO mandate (firm_id, id, park_id, purposes, ends_on)
  SELECT DISTINCT t.firm_id, gen_random_uuid(), p.id, ARRAY['firm', 'demands'], '2199-01-01'::date
  FROM tenancy AS t, park AS p;
INSERT INTO notice_cursor (park_id, rev) SELECT id, 0 FROM park;
UPDATE public_contact SET office = office;
INSERT INTO sign_up (park_id, id, credit_code, firm_name, login, password_hash, name, phone, consent, received_at)
  SELECT id, gen_random_uuid(), '91500000MA5U0000X0', 'planted', 'planted', '', 'planted', '13800000000', '1', now()
  FROM park;
INSERT INTO invitation (firm_id, id, token_hash, expires_on)
  SELECT id, gen_random_uuid(), sha256(id::text::bytea), '2199-01-01' FROM firm;
INSERT INTO enquiry_terms (park_id, answer_hours, kept_days) SELECT id, 16, 730 FROM park;
INSERT INTO enquiry (park_id, id, reference, wants_visit, consent, received_at, due_at)
  SELECT id, gen_random_uuid(), '7K3M-9QTD', false, '1', now(), now() FROM park;
UPDATE enquiry SET wants_visit = wants_visit;
INSERT INTO enquirer (park_id, enquiry_id, name, phone, message)
  SELECT park_id, id, 'planted', '13800000000', 'planted' FROM enquiry ON CONFLICT DO NOTHING;
UPDATE scheme SET body = body;
UPDATE park SET name_zh = name_zh;
UPDATE demand SET title = title;
UPDATE outcome_asset SET kind = kind;
UPDATE revival SET clause = clause;
INSERT INTO equity_swap (park_id, outcome_id) SELECT park_id, id FROM outcome ON CONFLICT DO NOTHING;
UPDATE equity_swap SET certificate_no = certificate_no;
INSERT INTO milestone (park_id, outcome_id, kind, evidence) SELECT park_id, id, 'planted', 'not_stated' FROM outcome;
UPDATE milestone SET source = source;
INSERT INTO park_total (park_id, kind, area_m2, source) SELECT id, 'land', 1, 'planted' FROM park;
UPDATE park_total SET source = source;
INSERT INTO development (park_id, asset_id, source)
  SELECT park_id, id, 'planted' FROM asset WHERE kind = 'land' ON CONFLICT DO NOTHING;
UPDATE development SET source = source;
INSERT INTO contact (park_id, id, name) SELECT id, gen_random_uuid(), 'planted' FROM park;
INSERT INTO firm_officer (park_id, firm_id, contact_id)
  SELECT c.park_id, (SELECT id FROM firm LIMIT 1), c.id FROM contact AS c;
UPDATE firm_officer SET contact_id = contact_id;
INSERT INTO visit (park_id, id, firm_id, visited_on, note)
  SELECT p.id, gen_random_uuid(), (SELECT id FROM firm LIMIT 1), '2025-06-30', 'planted' FROM park AS p;
INSERT INTO service_request (park_id, id, firm_id, topic, request, stage, raised_on)
  SELECT park_id, gen_random_uuid(), firm_id, 'other', 'planted', 'raised', date '2025-06-30' FROM outcome;
UPDATE service_request SET topic = topic;
INSERT INTO attachment (park_id, id, is_of_park, kind, readers, file_name, media_type, size_bytes, sha256)
  SELECT id, gen_random_uuid(), true, 'other', 'staff', 'planted', 'text/plain', 1, repeat('0', 64) FROM park;
UPDATE attachment SET title = 'planted';
INSERT INTO agreement (park_id, id, outcome_id, signed_on, source)
  SELECT park_id, gen_random_uuid(), id, '2025-06-30', 'planted' FROM outcome;
UPDATE agreement SET source = source;
INSERT INTO indicator (park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on)
  SELECT DISTINCT ON (outcome_id) park_id, gen_random_uuid(), outcome_id, id, 'research', 1, 'yuan', 'year',
  '2025-06-30'::date FROM agreement;
UPDATE indicator SET value = value;
INSERT INTO reporting_year (park_id, year) SELECT id, 2025 FROM park ON CONFLICT DO NOTHING;
INSERT INTO report (park_id, id, outcome_id, indicator_id, year, value, unit, source)
  SELECT park_id, gen_random_uuid(), outcome_id, id, 2025, 1, 'yuan', 'planted' FROM indicator ON CONFLICT DO NOTHING;
UPDATE report SET source = source;
INSERT INTO approval (park_id, id, outcome_id, item, name)
  SELECT park_id, gen_random_uuid(), id, 'planted', 'planted' FROM outcome;
UPDATE approval SET name = name;
INSERT INTO light (park_id, outcome_id, colour, version, on_day)
  SELECT park_id, id, 'green', 'planted', '2025-06-30' FROM outcome ON CONFLICT DO NOTHING;
UPDATE light SET version = version;
INSERT INTO ledger_transaction (park_id, id, outcome_id, effective_on, effective_on_precision, lines)
  SELECT o.park_id, gen_random_uuid(), o.id, '2025-06-30', 'day', t.lines
  FROM outcome AS o CROSS JOIN (SELECT lines FROM ledger_transaction LIMIT 1) AS t;
INSERT INTO holding (park_id, asset_id, shares)
  SELECT a.park_id, a.id, h.shares FROM asset AS a CROSS JOIN (SELECT shares FROM holding LIMIT 1) AS h
  ON CONFLICT DO NOTHING;
INSERT INTO webhook (scope_id, id, account_id, url, cursor_rev, cursor_n)
  SELECT scope_id, gen_random_uuid(), (SELECT id FROM account LIMIT 1), 'https://planted.invalid/', 0, 0 FROM head;
INSERT INTO webhook_secret (scope_id, webhook_id, id, secret)
  SELECT scope_id, id, gen_random_uuid(), sha256(id::text::bytea) FROM webhook;
"""


#: $1 two firms: each becomes the giver in a deal of others.
GIVERS = """
WITH other AS (
  SELECT id, row_number() OVER (ORDER BY id) AS k FROM outcome
  WHERE firm_id <> ALL ($1::uuid[]) AND owner_firm_id IS NULL
)
UPDATE outcome SET owner_firm_id = ($1::uuid[])[other.k] FROM other WHERE other.id = outcome.id AND other.k <= 2
"""


@dataclass(frozen=True)
class Tenant:
    """An account with the park or the firm it stands for."""

    role: Role
    account: UUID
    park: UUID
    firm: UUID

    @property
    def settings(self) -> str:
        if self.role is Role.firm:
            return _settings(Actor(self.account, self.role, firm_id=self.firm), None, None)
        return _settings(Actor(self.account, self.role, park_ids=frozenset({self.park})), None, None)

    def assignment(self, tenant: str) -> str:
        """`column = value` for the column of the matrix: a condition for its rows, or what makes a row its own."""
        column = tenant.split(",")[-1 if self.role is Role.firm else 0]
        if column == "scope_id":
            return f"scope_id = '{self.firm if self.role is Role.firm else self.park}'"
        kind = {"actor_id": "account", "owner_firm_id": "firm"}.get(column, column.removesuffix("_id"))
        return f"{'id' if column == kind else column} = '{getattr(self, kind)}'"


@dataclass(frozen=True)
class Cell:
    """Rows of a relation: the condition that picks them, and what would move them to the other tenant."""

    relation: str
    columns: str
    where: str
    moved: str | None


@pytest_asyncio.fixture(loop_scope="session")
async def superuser(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    """A connection that no policy holds back, in a database where every tenant has rows in every table."""
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    await conn.execute(PLANTED)
    await conn.execute("CREATE SCHEMA sample; GRANT USAGE ON SCHEMA sample TO panhuo_app, panhuo_public")
    yield conn
    await conn.close()


async def pairs(conn: asyncpg.Connection) -> list[tuple[Tenant, Tenant]]:
    """The staff and the firm, each with the other that it must not reach; either firm gives as well as takes."""
    accounts = {row["login"]: row["id"] for row in await conn.fetch("SELECT login, id FROM account")}
    parks = {row["code"]: row["id"] for row in await conn.fetch("SELECT code, id FROM park")}
    park, elsewhere = parks["dazu-gaoxin"], parks["shuangqiao"]
    firm = await conn.fetchval("SELECT firm_id FROM account WHERE login = 'demo-zhiding'")
    rival = await conn.fetchval(
        "SELECT t.firm_id FROM tenancy AS t JOIN demand AS d USING (firm_id) WHERE t.park_id = $1 AND firm_id <> $2 "
        "ORDER BY firm_id LIMIT 1",
        park,
        firm,
    )
    await conn.execute(GIVERS, [firm, rival])
    await conn.execute("UPDATE outcome SET source = source")  # into their past, too
    staff, speaker = accounts["demo-dazu-gaoxin"], accounts["demo-zhiding"]
    return [
        (Tenant(Role.staff, staff, park, firm), Tenant(Role.staff, accounts["demo-shuangqiao"], elsewhere, rival)),
        (Tenant(Role.firm, speaker, park, firm), Tenant(Role.firm, staff, elsewhere, rival)),
    ]


async def test_every_caller_reaches_its_own_rows_alone(dazu: Dazu, superuser: asyncpg.Connection) -> None:
    expected = {(name, tenant): cells for name, tenant, *cells in map(str.split, MATRIX.splitlines()[2:])}
    callers = await pairs(superuser)
    service = await asyncpg.connect(dazu.url)

    results = {}
    for relation, tenant in expected:
        columns = await stored_columns(superuser, relation)
        cells = []
        for caller, other in callers:
            for mine, theirs in ((caller, other), (other, caller)):
                cell = await picked(superuser, relation, columns, tenant, mine, theirs)
                cells.append(await reached(service, "panhuo_app", caller.settings, cell))
        anything = await picked(superuser, relation, columns, "-", *callers[0])
        cells += [await reached(service, role, "", anything) for role in ("panhuo_app", "panhuo_public")]
        results[relation, tenant] = cells
    await service.close()

    assert results == expected


async def test_the_matrix_leaves_no_guarded_relation_out(superuser: asyncpg.Connection) -> None:
    guarded = await superuser.fetch(
        """SELECT replace(relnamespace::regnamespace || '.' || relname, 'panhuo.', '') FROM pg_class
           WHERE relnamespace IN ('panhuo'::regnamespace, 'history'::regnamespace)
             AND (relkind IN ('r', 'p') OR relkind = 'v' AND 'security_invoker=true' = ANY (reloptions))"""
    )

    assert {row[0] for row in guarded} == {line.split()[0] for line in MATRIX.splitlines()[2:]}


async def stored_columns(superuser: asyncpg.Connection, relation: str) -> str:
    """The columns that can be written, those generated left out."""
    return str(
        await superuser.fetchval(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
            "WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            qualified(relation),
        )
    )


async def picked(
    superuser: asyncpg.Connection, relation: str, columns: str, tenant: str, mine: Tenant, theirs: Tenant
) -> Cell:
    """The rows of one tenant, one of them laid out as a sample for INSERT; there must be one."""
    where, moved = "true", None
    if tenant != "-":
        where, moved = mine.assignment(tenant), theirs.assignment(tenant)
    await superuser.execute(
        f"""DROP TABLE IF EXISTS sample.one;
            CREATE TABLE sample.one AS SELECT {columns} FROM {qualified(relation)} WHERE {where} LIMIT 1;
            GRANT SELECT ON sample.one TO panhuo_app, panhuo_public"""
    )
    assert await superuser.fetchval("SELECT count(*) FROM sample.one") == 1, (relation, where)
    return Cell(qualified(relation), columns, where, moved)


def qualified(relation: str) -> str:
    return relation if "." in relation else f"panhuo.{relation}"


async def reached(service: asyncpg.Connection, role: str, settings: str, cell: Cell) -> str:
    """The letters of the commands that reach a row, each tried and rolled back."""
    first = cell.columns.split(", ")[0]
    commands = {
        "S": f"SELECT 1 FROM {cell.relation} WHERE {cell.where} LIMIT 1",
        "I": f"INSERT INTO {cell.relation} ({cell.columns}) SELECT {cell.columns} FROM sample.one",
        "U": f"UPDATE {cell.relation} SET {first} = {first} WHERE {cell.where}",
        "D": f"DELETE FROM {cell.relation} WHERE {cell.where}",
        "M": f"UPDATE {cell.relation} SET {cell.moved} WHERE {cell.where}",
    }
    tried = "S" if cell.relation.endswith("_known") else "SIUD" if cell.moved is None else "SIUDM"
    letters = [letter for letter in tried if await passes(service, role, settings, commands[letter])]
    return "".join(letters) or "–"


async def passes(service: asyncpg.Connection, role: str, settings: str, command: str) -> bool:
    """Whether rights and policies let a row through; constraints come after them, so that one broken means yes."""
    await service.execute(f"BEGIN; SET LOCAL ROLE {role}; {settings}")
    try:
        return not (await service.execute(command)).endswith(" 0")
    except asyncpg.InsufficientPrivilegeError:
        return False
    except asyncpg.IntegrityConstraintViolationError:
        return True
    finally:
        await service.execute("ROLLBACK")
