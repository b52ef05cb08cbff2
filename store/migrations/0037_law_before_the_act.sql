-- The law before the act: a ruling that passes title, and what a deal notes of the law.

SET LOCAL search_path = panhuo, public;

-- Title passes at an auction when the ruling is served; its taxes are paid and its registration made after that.
ALTER TABLE outcome
  DROP CONSTRAINT outcome_stage,
  ADD CONSTRAINT outcome_stage CHECK (stage IN ('opened', 'reserved', 'signed', 'construction_started', 'completed', 'proposed',
    'due_diligence', 'valuation', 'resolved', 'listed', 'won', 'ruling_served', 'repurchased', 'resupplied', 'contracted', 'tax_cleared',
    'title_registered', 'equity_registered', 'supervision_agreement_signed', 'handed_over', 'retrofit', 'trial_production',
    'full_production', 'ended', 'withdrawn', 'rejected', 'corrected')),
  DROP CONSTRAINT revived_only_once_under_way,
  ADD CONSTRAINT revived_only_once_under_way CHECK (revived_on IS NULL
    OR path IN ('repurchase_resupply', 'judicial_auction') AND stage = 'tax_cleared'
    OR stage NOT IN ('opened', 'reserved', 'signed', 'proposed', 'due_diligence', 'valuation', 'resolved', 'listed', 'won', 'repurchased',
      'contracted', 'tax_cleared', 'withdrawn', 'rejected', 'corrected')),
  ADD COLUMN notes jsonb NOT NULL DEFAULT '[]' CONSTRAINT notes_name_their_article CHECK (jsonb_typeof(notes) = 'array'
    AND NOT jsonb_path_exists(notes, '$[*] ? (!exists(@.code) || !exists(@.article))'));
COMMENT ON COLUMN outcome.notes IS 'What the law asks and the records lack: code and article; made anew by every act on the deal [staff]';

-- A deal as JSON text, with its notes.
CREATE OR REPLACE FUNCTION outcome_document(o outcome) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = panhuo, public, pg_temp AS $$
  SELECT left(row_to_json(d)::text, -1) || CASE WHEN o.path = 'equity_swap' THEN ',' || left(substr(row_to_json(s)::text, 2), -1) ELSE '' END
    || ',' || substr(row_to_json(r)::text, 2)
  FROM (SELECT
    o.park_id, o.id, o.path, o.paths_version, o.stage, o.firm_id, o.owner_firm_id, o.demand_id, o.ranking_id, o.opened_on,
    lower(o.intended) AS starts_on, upper(o.intended) - 1 AS ends_on, o.reserved_until, o.signed_on, o.revived_on, o.revived_on_precision, o.ended_on,
    trim_scale(o.revenue_yuan_year) AS revenue_yuan_year, trim_scale(o.output_yuan_year) AS output_yuan_year,
    trim_scale(o.tax_yuan_year) AS tax_yuan_year, o.source, o.reason, o.illustrative, o.notes, o.revision, o.recorded_at,
    (SELECT l.colour FROM light AS l WHERE l.park_id = o.park_id AND l.outcome_id = o.id
      AND o.stage NOT IN ('ended', 'withdrawn', 'rejected', 'corrected')) AS light,
    (SELECT json_agg(json_build_object('asset_id', a.asset_id, 'kind', a.kind, 'stated_area', trim_scale(a.stated_area), 'stated_area_unit', a.stated_area_unit,
       'is_illustrative', a.is_illustrative) ORDER BY a.asset_id) FROM outcome_asset AS a WHERE a.park_id = o.park_id AND a.outcome_id = o.id) AS assets
  ) AS d, LATERAL (SELECT
    e.appraiser, e.appraisal_method, e.appraised_on, trim_scale(e.appraised_yuan) AS appraised_yuan, e.appraisal_valid_until,
    trim_scale(e.contribution_yuan) AS contribution_yuan, trim_scale(e.equity_share) AS equity_share, e.certificate_no
    FROM (SELECT) AS one LEFT JOIN equity_swap AS e ON e.park_id = o.park_id AND e.outcome_id = o.id
  ) AS s, LATERAL (SELECT
    (SELECT json_agg(json_build_object('stage', m.kind, 'happened_on', m.happened_on, 'precision', m.happened_on_precision, 'evidence', m.evidence,
       'amount_yuan', trim_scale(m.amount_yuan), 'facts', m.facts, 'source', m.source, 'recorded_at', m.recorded_at) ORDER BY m.recorded_at)
     FROM milestone AS m WHERE m.park_id = o.park_id AND m.outcome_id = o.id AND m.evidence IS NOT NULL AND NOT m.is_reversed) AS milestones
  ) AS r
$$;
