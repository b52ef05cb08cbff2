"""Exactly what the service's roles may do, and what runs with the owner's rights; a line too many or missing fails."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from tests.conftest import Dazu

#: Relation, then the privileges of panhuo_app, then those of panhuo_public:
#: S select, I insert, U update, D delete; – none. Names without a schema lie in `panhuo`.
RELATIONS = """
account                SIU    –
account_park           SID    –
agreement              SIU    –
agreement_known        S      –
api_key                SIU    –
approval               SIU    –
approval_known         S      –
asset                  SIUD   –
asset_adjacency        SID    –
asset_known            S      –
asset_use_visible      S      S
asset_visible          S      S
attachment             SIU    –
attachment_known       S      –
attachment_visible     S      S
batch                  SI     –
contact                SIU    –
counter                S      –
counter_visible        S      S
demand                 SIU    –
demand_known           S      –
demand_visible         S      S
development            SIU    –
development_known      S      –
enquirer               SIUD   –
enquiry                SIU    –
enquiry_known          S      –
enquiry_terms          SIU    –
enquiry_visible        S      –
equity_swap            SIU    –
event                  SI     –
firm                   SIU    –
firm_fact              SU     –
firm_officer           SIU    –
firm_officer_visible   S      –
firm_visible           S      –
head                   SIU    –
history.agreement      S      –
history.approval       S      –
history.asset          S      –
history.attachment     S      –
history.demand         S      –
history.development    S      –
history.enquiry        S      –
history.equity_swap    S      –
history.firm_officer   S      –
history.indicator      S      –
history.light          S      –
history.milestone      S      –
history.occupancy      S      –
history.outcome        S      –
history.outcome_asset  S      –
history.park           S      –
history.pin            S      –
history.park_total     S      –
history.public_contact S      –
history.report         S      –
history.revival        S      –
history.scheme         S      –
history.service_request S     –
history.tenancy        S      –
holding                SIU    –
idempotency            SIUD   –
import                 SIU    –
import_row             SID    –
indicator              SIU    –
indicator_known        S      –
industry               SIU    –
industry_visible       S      S
instance               SU     –
interest               SI     –
invitation             SIU    –
ledger_transaction     SI     –
light                  SIUD   –
light_known            S      –
mandate                SIU    –
match_notice           SI     –
milestone              SIU    –
milestone_known        S      –
notice_cursor          SIU    –
notice_round           SU     –
occupancy              SIUD   –
occupancy_known        S      –
outcome                SIU    –
outcome_asset          SIU    –
outcome_asset_known    S      –
outcome_known          S      –
outcome_visible        S      –
park                   SIU    –
park_known             S      –
park_total             SIU    –
park_total_known       S      –
park_state_visible     S      S
park_visible           S      S
pin                    SIUD   –
pin_known              S      –
pin_visible            S      –
public.migration       –      –
public_contact         SIUD   –
public_contact_known   S      –
public_contact_visible S      S
ranking                SI     –
report                 SIU    –
report_known           S      –
reporting_year         SIU    –
revitalization_visible S      S
revival                SIUD   –
revival_known          S      –
scheme                 SIU    –
scheme_known           S      –
scheme_visible         S      S
separation             SI     –
service_request        SIU    –
service_request_known  S      –
service_request_visible S     –
session                SIU    –
sign_in_tries          SIUD   –
sign_up                SIUD   –
spent_refresh_token    SID    –
supervision_visible    S      –
tenancy                SIU    –
tenancy_known          S      –
tenancy_visible        S      –
tile_version           S      –
tile_version_visible   S      S
visit                  SI     –
webhook                SIUD   –
webhook_secret         SID    –
zone                   SIU    –
"""

#: Function, then X where panhuo_app may execute it, then where panhuo_public may.
FUNCTIONS = """
act_at()                               X  –
asset_feature(asset)                   X  –
asset_staff_facts(asset)               X  X
attachment_document(attachment,boolean) X  X
cells_of(geometry)                     X  –
claim_stands(occupancy,date)           X  –
collections_of(text,geometry,geometry,text) X –
count_shown()                          –  –
demand_document(demand)                X  X
derived_availability(uuid,uuid[],date) X  –
enquiry_document(enquiry)              X  –
firm_document(firm)                    X  –
folded_code(text)                      X  X
inherited_facts(asset)                 X  –
keep_past()                            –  –
leaves_of_deal(uuid,uuid)              X  –
ledger_balanced(ledger_line[])         X  –
make_asset_readers()                   –  –
make_demand_readers()                  –  –
make_past(text)                        –  –
mandated(uuid)                         X  –
members_of(regclass,text)              –  –
miscounted()                           X  –
note_park()                            –  –
note_revival()                         –  –
note_shown(text[])                     X  –
note_units()                           –  –
outcome_document(outcome)              X  –
outlines_meet(geometry,geometry)       X  –
overlap_share(geometry,geometry)       X  –
public_names(text[])                   X  X
recount()                              X  –
refuse_change()                        –  –
service_request_document(service_request) X –
set_position()                         –  –
shares_sum_to_one(party_share[])       X  –
supervision_document(outcome)          X  –
tenancy_document(tenancy)              X  –
tenancy_state(tenancy,date)            X  –
units_to_verify(uuid,uuid[],date)      X  –
"""

#: Schema, then U (usage) for either role; neither may create anything anywhere.
SCHEMAS = """
history  U  –
panhuo   U  U
"""

#: Views that read with the owner's rights: each carries its own filter of rows and columns.
OWNERS_VIEWS = {
    "asset_use_visible",  # when published units are in use; neither by whom nor for how much
    "asset_visible",  # published, or of the caller's parks; staff columns for these alone
    "attachment_visible",  # of the caller's parks; public ones of what is public; the firm's of its deals and requests
    "counter_visible",  # public rows, or of the caller's parks
    "demand_visible",  # published for this audience, or the caller's own; the firm for parks and itself
    "enquiry_visible",  # of the caller's parks, or of the caller's firm; the person for the staff of the park alone
    "firm_officer_visible",  # of the caller's parks, or of the caller's firm; the person's name with it
    "firm_visible",  # all, for whoever is signed in
    "industry_visible",  # all: a public standard
    "outcome_visible",  # of the caller's parks, or of the firm that takes or gives
    "park_state_visible",  # all: how many acts there were
    "park_visible",  # all: parks and zones are public
    "pin_visible",  # of the caller's parks with its note, or of the firm without
    "public_contact_visible",  # of parks and published units, or of the caller's parks; persons who agreed
    "revitalization_visible",  # all that counts, without firm; of the unit what is published
    "scheme_visible",  # all: what rules read is public
    "service_request_visible",  # of the caller's parks, or of the caller's firm
    "supervision_visible",  # of the caller's parks, or of the firm that takes or gives
    "tenancy_visible",  # of the caller's parks, or of the caller's firm
    "tile_version_visible",  # all: how often what the public sees changed
}

#: Functions that run with the owner's rights.
OWNERS_FUNCTIONS = {
    "miscounted()",  # which counters are wrong, of whatever park
    "recount()",  # counts anew what it alone may write
    "count_shown()",  # the trigger: writes counters and tile versions, which nobody else may
    "mandated(uuid)",  # what the caller's parks may write for a firm, whose accounts and facts they may not read
    "keep_past()",  # the trigger: writes the twins, which nobody else may
    "outcome_document(outcome)",  # adds the units of a deal, which its firm may not read alone
    "supervision_document(outcome)",  # adds the agreements, reports and approvals, which its firm may not read alone
}

ROLES = ("panhuo_app", "panhuo_public")
LETTERS = {"SELECT": "S", "INSERT": "I", "UPDATE": "U", "DELETE": "D", "EXECUTE": "X", "USAGE": "U"}

#: Everything of ours: what lies in our schemas, and what the owner owns elsewhere.
OURS = "({namespace}::regnamespace::text IN ('panhuo', 'history') OR {owner} = 'panhuo_owner'::regrole)"


@pytest_asyncio.fixture(loop_scope="session")
async def catalogue(dazu: Dazu) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(dazu.superuser_url, server_settings={"search_path": "panhuo, public"})
    yield conn
    await conn.close()


async def granted(conn: asyncpg.Connection, things: str) -> dict[str, tuple[str, ...]]:
    """Thing → letters by role, in the order of ROLES.

    `things` is a query of (name, owner, acl) with the defaults filled in. A grant to anyone but these roles and the
    owner, PUBLIC among them, is a thing of its own that no table here names; so is a privilege without a letter, and
    one that may be handed on.
    """
    results: dict[str, dict[str, list[str]]] = {}
    for row in await conn.fetch(
        f"""SELECT thing.name, coalesce(role.rolname, 'PUBLIC') AS role, a.privilege_type, a.is_grantable
            FROM ({things}) AS thing (name, owner, acl)
            LEFT JOIN LATERAL aclexplode(thing.acl) AS a ON a.grantee <> thing.owner
            LEFT JOIN pg_roles AS role ON role.oid = a.grantee ORDER BY thing.name"""
    ):
        held = results.setdefault(row["name"], {role: [] for role in ROLES})
        if row["privilege_type"] is None:
            continue
        letter = LETTERS.get(row["privilege_type"], f"[{row['privilege_type']}]") + "*" * row["is_grantable"]
        if row["role"] in ROLES:
            held[row["role"]].append(letter)
        else:
            results.setdefault(f"{row['name']} to {row['role']}", {"": []})[""].append(letter)
    return {name: tuple(_in_order(letters) for letters in held.values()) for name, held in results.items()}


def _in_order(letters: list[str]) -> str:
    return "".join(sorted(letters, key="SIUDX".find)) or "–"


def table(text: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(rest) for name, *rest in (line.split() for line in text.strip().splitlines())}


async def test_relations_are_granted_exactly_so(catalogue: asyncpg.Connection) -> None:
    there = await granted(
        catalogue,
        f"""SELECT replace(c.relnamespace::regnamespace || '.' || c.relname, 'panhuo.', ''), c.relowner,
              coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
            FROM pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
              AND {OURS.format(namespace="c.relnamespace", owner="c.relowner")}""",
    )

    assert there == table(RELATIONS)


async def test_no_column_is_granted_by_itself(catalogue: asyncpg.Connection) -> None:
    columns = await catalogue.fetch(
        f"""SELECT c.oid::regclass || '.' || a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
            WHERE a.attacl IS NOT NULL AND {OURS.format(namespace="c.relnamespace", owner="c.relowner")}"""
    )

    assert columns == []


async def test_functions_are_executed_exactly_by_these(catalogue: asyncpg.Connection) -> None:
    there = await granted(
        catalogue,
        f"""SELECT p.oid::regprocedure::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
            FROM pg_proc AS p WHERE {OURS.format(namespace="p.pronamespace", owner="p.proowner")}
              AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')""",
    )

    assert there == table(FUNCTIONS)


async def test_schemas_are_used_exactly_by_these(catalogue: asyncpg.Connection) -> None:
    there = await granted(
        catalogue,
        f"""SELECT n.nspname::text, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)) FROM pg_namespace AS n
            WHERE {OURS.format(namespace="n.oid", owner="n.nspowner")}""",
    )

    assert there == table(SCHEMAS)


async def test_the_service_creates_nothing_and_is_a_member_of_nothing(catalogue: asyncpg.Connection) -> None:
    may = await catalogue.fetch(
        """SELECT r.rolname, n.nspname FROM pg_roles AS r, pg_namespace AS n
           WHERE r.rolname = ANY ($1) AND has_schema_privilege(r.oid, n.oid, 'CREATE')
             AND n.nspname !~ '^pg_(toast_)?temp'
           UNION ALL
           SELECT m.rolname, r.rolname FROM pg_auth_members AS a JOIN pg_roles AS m ON m.oid = a.member
             JOIN pg_roles AS r ON r.oid = a.roleid WHERE m.rolname = ANY ($1)""",
        list(ROLES),
    )

    assert may == []


async def test_all_of_ours_belongs_to_the_owner(catalogue: asyncpg.Connection) -> None:
    others = await catalogue.fetch(
        """SELECT c.oid::regclass::text FROM pg_class AS c
           WHERE c.relnamespace IN ('panhuo'::regnamespace, 'history'::regnamespace)
             AND c.relowner <> 'panhuo_owner'::regrole
           UNION ALL
           SELECT p.oid::regprocedure::text FROM pg_proc AS p
           WHERE p.pronamespace IN ('panhuo'::regnamespace, 'history'::regnamespace)
             AND p.proowner <> 'panhuo_owner'::regrole"""
    )

    assert others == []


async def test_these_views_and_functions_alone_run_with_the_owners_rights(catalogue: asyncpg.Connection) -> None:
    views = await catalogue.fetch(
        """SELECT c.oid::regclass::text FROM pg_class AS c
           WHERE c.relkind IN ('v', 'm') AND c.relowner = 'panhuo_owner'::regrole
             AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)"""
    )
    functions = await catalogue.fetch(
        "SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.prosecdef AND p.proowner = 'panhuo_owner'::regrole"
    )

    assert {row[0] for row in views} == OWNERS_VIEWS
    assert {row[0] for row in functions} == OWNERS_FUNCTIONS
