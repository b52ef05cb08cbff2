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
