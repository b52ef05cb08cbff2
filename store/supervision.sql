-- Filled in by store/supervision.py: {report} and {light}, queries of this file.

-- name: agreed
-- $1 park, $2 deal: its agreements and the figures they promise, JSON by column name, the first told first.
SELECT json_build_object(
  'agreements', (SELECT coalesce(json_agg(row_to_json(a) ORDER BY a.id), '[]') FROM (
    SELECT park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state,
      replaces, reason FROM agreement WHERE park_id = $1 AND outcome_id = $2) AS a),
  'indicators', (SELECT coalesce(json_agg(row_to_json(i) ORDER BY i.id), '[]') FROM (
    SELECT id, agreement_id, name, value::text AS value, unit, per, starts_on, due_on, agreed_due_on, state
    FROM indicator WHERE park_id = $1 AND outcome_id = $2) AS i))::text;

-- name: put_agreements
-- $1 agreements, a JSON list by column name: new, or in the place of what was told of them.
INSERT INTO agreement (park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source,
  illustrative, state, replaces, reason)
SELECT park_id, id, outcome_id, document_no, signed_on, signed_on_precision, ends_on, source, illustrative, state,
  replaces, reason FROM jsonb_populate_recordset(NULL::agreement, $1::jsonb)
ON CONFLICT (park_id, id) DO UPDATE SET (document_no, signed_on, signed_on_precision, ends_on, source, state,
  reason) = (
  excluded.document_no, excluded.signed_on, excluded.signed_on_precision, excluded.ends_on, excluded.source,
  excluded.state, excluded.reason);

-- name: put_indicators
-- $1 figures promised, a JSON list by column name: new, or in the place of what was told of them; all in one
-- statement, for one may end where another begins.
INSERT INTO indicator (park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, agreed_due_on,
  state)
SELECT park_id, id, outcome_id, agreement_id, name, value, unit, per, starts_on, due_on, agreed_due_on, state
FROM jsonb_populate_recordset(NULL::indicator, $1::jsonb)
ON CONFLICT (park_id, id) DO UPDATE SET (value, starts_on, due_on, agreed_due_on, state) = (
  excluded.value, excluded.starts_on, excluded.due_on, excluded.agreed_due_on, excluded.state);

-- name: count_reports
-- $1 park, $2 deal, $3 reason or null: whether each report counts, as the days of its figure now say. What came of a
-- total counts after its day, too. A report of a closed year keeps the reason for which it changed.
UPDATE report AS r SET is_counted = NOT r.is_counted,
  reason = CASE WHEN r.closed_at < 'infinity' THEN coalesce($3, r.reason) ELSE r.reason END
FROM indicator AS i
WHERE r.park_id = $1 AND r.outcome_id = $2 AND i.park_id = r.park_id AND i.id = r.indicator_id
  AND r.is_counted <> (daterange(i.starts_on, CASE i.per WHEN 'year' THEN i.due_on END, '[]') && daterange(
    make_date(r.year, coalesce(3 * r.quarter - 2, 1), 1),
    (make_date(r.year, coalesce(3 * r.quarter, 12), 1) + interval '1 month')::date));

-- name: plan
-- $1 park, $2 deal, $3 stage, $4 day, $5 its precision: when the stage is planned for, now or anew.
INSERT INTO milestone (park_id, outcome_id, kind, planned_on, planned_on_precision) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (park_id, outcome_id, kind) DO UPDATE SET planned_on = excluded.planned_on,
  planned_on_precision = excluded.planned_on_precision;

-- name: put_report_and_light
-- {report}, {light}: the two below, of which the first goes with the light it leaves.
WITH told AS ({report}) {light};

-- name: put_report
-- $1 park, $2 deal, $10 id, $11 figure promised, $12 year, $13 quarter or null, $14 value, $15 its unit, $16 source,
-- $17 reason or null, $18 fields that are invented: a report, or its correction.
INSERT INTO report (park_id, id, outcome_id, indicator_id, year, quarter, value, unit, source, reason, illustrative,
  closed_at)
SELECT $1, $10, $2, $11, $12, $13, $14, $15, $16, $17, $18,
  coalesce((SELECT y.closed_at FROM reporting_year AS y WHERE y.park_id = $1 AND y.year = $12), 'infinity')
ON CONFLICT (park_id, id) DO UPDATE SET value = excluded.value, source = excluded.source, reason = excluded.reason,
  illustrative = excluded.illustrative

-- name: insert_approvals
-- $1 items, a JSON list by column name; one that is there already stays: the items that are new.
INSERT INTO approval (park_id, id, outcome_id, item, name, series, agent_id)
SELECT park_id, id, outcome_id, item, name, series, agent_id FROM jsonb_populate_recordset(NULL::approval, $1::jsonb)
ON CONFLICT (park_id, outcome_id, item) DO NOTHING RETURNING item;

-- name: approval
-- $1 park, $2 deal, $3 item's id: the item, locked.
SELECT id, item, series, target_days, agent_id, applied_on, done_on, result, document_no, note, revision FROM approval
WHERE park_id = $1 AND outcome_id = $2 AND id = $3 FOR NO KEY UPDATE;

-- name: amend_approval
-- $1 park, $2 item's id, $3 changed facts, JSON by column name: what is absent stays, null clears.
UPDATE approval SET (agent_id, applied_on, done_on, result, document_no, note, target_days) = (
  SELECT agent_id, applied_on, done_on, result, document_no, note, target_days
    FROM jsonb_populate_record(approval, $3::jsonb)
), revision = revision + 1
WHERE park_id = $1 AND id = $2;

-- name: visible
-- $1 deal: what supervision knows of it, as the caller sees it.
SELECT document FROM supervision_visible WHERE id = $1;

-- name: lit
-- $1 park, $2 deal, $3 year or null: what its light is computed from, by the names of the supervision document, its
-- colour as it stands, the version of the thresholds in force, and whether that year is closed, null where nobody
-- reported on it yet.
SELECT json_build_object('stage', o.stage, 'firm_id', o.firm_id,
  'version', (SELECT s.version FROM scheme_visible AS s WHERE s.kind = 'lights' ORDER BY s.recorded_at DESC,
  s.version DESC LIMIT 1),
  'colour', (SELECT l.colour FROM light AS l WHERE l.park_id = $1 AND l.outcome_id = $2),
  'is_closed', (SELECT y.closed_at < 'infinity' FROM reporting_year AS y WHERE y.park_id = $1 AND y.year = $3),
  'indicators', (SELECT coalesce(json_agg(json_build_object('id', i.id, 'name', i.name, 'value', i.value::text,
     'unit', i.unit, 'per', i.per, 'starts_on', i.starts_on, 'due_on', i.due_on, 'state', i.state)), '[]')
     FROM indicator AS i WHERE i.park_id = $1 AND i.outcome_id = $2),
  'reports', (SELECT coalesce(json_agg(json_build_object('id', r.id, 'indicator_id', r.indicator_id, 'year', r.year,
     'quarter', r.quarter, 'value', r.value::text, 'is_counted', r.is_counted)), '[]')
     FROM report AS r WHERE r.park_id = $1 AND r.outcome_id = $2),
  'milestones', (SELECT coalesce(json_agg(json_build_object('stage', m.kind, 'planned_on', m.planned_on,
     'planned_on_precision', m.planned_on_precision, 'evidence', CASE WHEN NOT m.is_reversed THEN m.evidence END)),
       '[]') FROM milestone AS m WHERE m.park_id = $1 AND m.outcome_id = $2))::text
FROM outcome AS o WHERE o.park_id = $1 AND o.id = $2;

-- name: put_light
-- $1 park, $2 deal, $3 colour, $4 points behind or null, $5 days late or null, $6 reasons, $7 version of the
-- thresholds, $8 day, $9 next day or null; without a colour nothing is written.
INSERT INTO light (park_id, outcome_id, colour, behind_points, late_days, reasons, version, on_day, next_on)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE $3::text IS NOT NULL
ON CONFLICT (park_id, outcome_id) DO UPDATE SET colour = excluded.colour, behind_points = excluded.behind_points,
  late_days = excluded.late_days, reasons = excluded.reasons, version = excluded.version, on_day = excluded.on_day,
    next_on = excluded.next_on;

-- name: drop_light
-- $1 park, $2 deal: nothing is promised or planned for it any more.
DELETE FROM light WHERE park_id = $1 AND outcome_id = $2;

-- name: may_change
-- $1 today: deals under way whose light time may have changed.
SELECT l.park_id, l.outcome_id FROM light AS l JOIN outcome AS o ON o.park_id = l.park_id AND o.id = l.outcome_id
WHERE l.next_on <= $1 AND o.stage NOT IN ('ended', 'withdrawn', 'rejected', 'corrected') ORDER BY l.park_id,
  l.outcome_id;
