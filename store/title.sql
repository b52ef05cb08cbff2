-- name: held
-- $1 park, $2 title: who holds it now, locked; no row where it was never recorded.
WITH locked AS MATERIALIZED (SELECT shares FROM holding WHERE park_id = $1 AND title = $2 FOR UPDATE)
SELECT party, share FROM locked, unnest(shares) ORDER BY party;

-- name: held_along
-- $1 park, $2 unit: another unit, above or below it in its tree, whose title is recorded by itself.
WITH RECURSIVE above AS (
  SELECT id, parent_id FROM asset WHERE park_id = $1 AND id = $2
  UNION ALL SELECT a.id, a.parent_id FROM above JOIN asset AS a ON a.park_id = $1 AND a.id = above.parent_id
), below AS (
  SELECT id FROM asset WHERE park_id = $1 AND id = $2
  UNION ALL SELECT a.id FROM below JOIN asset AS a ON a.park_id = $1 AND a.parent_id = below.id
)
SELECT title FROM holding WHERE park_id = $1 AND title <> $2
  AND title IN (SELECT id FROM above UNION SELECT id FROM below) LIMIT 1;

-- name: recorded
-- $1 park, $2 units: those whose title is recorded by itself.
SELECT title FROM holding WHERE park_id = $1 AND title = ANY ($2) ORDER BY title;

-- name: owners
-- $1 park, $2 unit, $3 day: who held its title on that day, its own or that of a unit above it; no row where it was
-- not recorded then.
WITH RECURSIVE above AS (
  SELECT id, parent_id FROM asset WHERE park_id = $1 AND id = $2
  UNION ALL SELECT a.id, a.parent_id FROM above JOIN asset AS a ON a.park_id = $1 AND a.id = above.parent_id
)
SELECT l.party FROM above JOIN outcome_asset AS o ON o.park_id = $1 AND o.asset_id = above.id
JOIN ledger_transaction AS t ON t.park_id = $1 AND t.outcome_id = o.outcome_id CROSS JOIN unnest(t.lines) AS l
WHERE l.title = above.id AND l.party <> '00000000-0000-0000-0000-000000000000' AND t.effective_on <= $3
GROUP BY l.party HAVING sum(l.amount) > 0;

-- name: put
-- $1 park, $2 unit or null, $3 firm or null, $4 parties, $5 shares: who holds the title now.
INSERT INTO holding (park_id, asset_id, firm_id, shares)
VALUES ($1, $2, $3, ARRAY(SELECT ROW (party, share)::party_share
  FROM unnest($4::uuid[], $5::numeric[]) AS s (party, share)))
ON CONFLICT (park_id, title) DO UPDATE SET shares = excluded.shares, recorded_at = act_at();

-- name: append
-- $1 park, $2 id, $3 deal, $4 day of effect, $5 its precision, $6 titles, $7 instruments, $8 parties, $9 amounts, $10
-- reversed transaction or null.
INSERT INTO ledger_transaction (park_id, id, outcome_id, effective_on, effective_on_precision, reverses, lines)
VALUES ($1, $2, $3, $4, $5, $10, ARRAY(
  SELECT ROW (title, instrument, party, amount)::ledger_line
  FROM unnest($6::uuid[], $7::text[], $8::uuid[], $9::numeric[]) AS l (title, instrument, party, amount)));

-- name: of_outcome
-- $1 park, $2 deal: the lines of its transactions that still stand.
SELECT t.id, t.effective_on, t.effective_on_precision, l.title, l.instrument, l.party, l.amount
  FROM ledger_transaction AS t, unnest(t.lines) AS l
WHERE t.park_id = $1 AND t.outcome_id = $2 AND t.reverses IS NULL
  AND NOT EXISTS (SELECT FROM ledger_transaction AS r WHERE r.park_id = $1 AND r.reverses = t.id)
ORDER BY t.recorded_at, t.id;

-- name: rights
-- $1 park, $2 unit, $3 as known at or null, $4 on that day: who holds its title, by name.
SELECT coalesce(json_agg(row_to_json(h) ORDER BY h.share DESC, h.firm_id)::text, '[]') FROM (
  SELECT l.party AS firm_id, f.name, trim_scale(sum(l.amount)) AS share
  FROM outcome_asset AS o JOIN ledger_transaction AS t ON t.park_id = o.park_id AND t.outcome_id = o.outcome_id
    CROSS JOIN unnest(t.lines) AS l LEFT JOIN firm_visible AS f ON f.id = l.party
  WHERE o.park_id = $1 AND o.asset_id = $2 AND l.title = $2 AND l.party <> '00000000-0000-0000-0000-000000000000'
    AND ($3::timestamptz IS NULL OR t.recorded_at <= $3) AND t.effective_on <= $4
  GROUP BY l.party, f.name HAVING sum(l.amount) <> 0
) AS h;

-- name: transactions
-- $1 park, $2 unit, $3 as known at or null: what passed its title, the latest first.
SELECT coalesce(json_agg(row_to_json(d) ORDER BY d.recorded_at DESC, d.id DESC)::text, '[]') FROM (
  SELECT t.id, t.outcome_id, t.effective_on, t.effective_on_precision, t.reverses, t.recorded_at,
    (SELECT json_agg(json_build_object('firm_id', l.party, 'name', f.name, 'share', trim_scale(l.amount)))
     FROM unnest(t.lines) AS l LEFT JOIN firm_visible AS f ON f.id = l.party WHERE l.title = $2) AS lines
  FROM outcome_asset AS o JOIN ledger_transaction AS t ON t.park_id = o.park_id AND t.outcome_id = o.outcome_id
  WHERE o.park_id = $1 AND o.asset_id = $2 AND ($3::timestamptz IS NULL OR t.recorded_at <= $3)
    AND EXISTS (SELECT FROM unnest(t.lines) AS l WHERE l.title = $2)
) AS d;
