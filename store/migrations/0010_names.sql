-- Names and rights that PostgreSQL had given by itself: foreign keys are named, functions are run by those who need them.

SET LOCAL search_path = panhuo, public;

ALTER TABLE event RENAME CONSTRAINT event_scope_id_fkey TO event_head;
ALTER TABLE account_park RENAME CONSTRAINT account_park_account_id_fkey TO staff_account;
ALTER TABLE session RENAME CONSTRAINT session_account_id_fkey TO session_account;
ALTER TABLE api_key RENAME CONSTRAINT api_key_account_id_fkey TO api_key_account;

REVOKE EXECUTE ON FUNCTION act_at(), public_names(text[]), asset_feature(asset), asset_staff_facts(asset),
  derived_availability(uuid, uuid[], date), firm_document(firm), demand_document(demand), tenancy_document(tenancy) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION act_at(), public_names(text[]), asset_feature(asset), asset_staff_facts(asset),
  derived_availability(uuid, uuid[], date), firm_document(firm), demand_document(demand), tenancy_document(tenancy) TO panhuo_app;
-- A view runs its functions as its reader; these stand in the views that the public reads.
GRANT EXECUTE ON FUNCTION public_names(text[]), asset_staff_facts(asset), demand_document(demand) TO panhuo_public;
