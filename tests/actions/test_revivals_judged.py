"""What version 0.1 counted before it had a rule: judged once, by the rule, when the reference data is loaded."""

from __future__ import annotations

import asyncpg

from actions import revival
from fixtures.load import load_reference
from tests.conftest import Dazu

ROWS = "SELECT outcome_id, leaf_id, verdict, clause, version, adds FROM panhuo.revival ORDER BY 1, 2"


async def test_what_counted_before_the_rule_is_judged_once(dazu: Dazu) -> None:
    conn = await asyncpg.connect(dazu.superuser_url)
    try:
        judged = await conn.fetch(ROWS)
        await conn.execute(
            "UPDATE panhuo.revival SET version = 'revival-0', verdict = 'counted', clause = 'reached' "
            "WHERE verdict <> 'corrected'"
        )

        await load_reference(dazu.db)

        again = await revival.judge_what_counted_before(dazu.db)
        events = await conn.fetchval("SELECT count(*) FROM panhuo.event WHERE act = 'park.revivals_judged'")
        rows = await conn.fetch(ROWS)
    finally:
        await conn.close()
    assert rows == judged
    assert {row["verdict"] for row in rows} > {"counted", "renewal"}
    assert (again, events > 0) == (0, True)
