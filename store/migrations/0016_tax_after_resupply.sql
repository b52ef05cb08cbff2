-- Land supplied anew counts on its new contract, and its taxes are paid after that.

SET LOCAL search_path = panhuo, public;

ALTER TABLE outcome
  DROP CONSTRAINT revived_only_once_under_way,
  ADD CONSTRAINT revived_only_once_under_way CHECK (revived_on IS NULL OR path = 'repurchase_resupply' AND stage = 'tax_cleared'
    OR stage NOT IN ('opened', 'reserved', 'signed', 'proposed', 'due_diligence', 'valuation', 'resolved', 'listed', 'won', 'repurchased',
      'contracted', 'tax_cleared', 'withdrawn', 'rejected', 'corrected'));
