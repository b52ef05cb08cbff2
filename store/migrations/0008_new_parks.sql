-- An admin who adds a park, an act of the nil scope, makes the head of the new park's own scope too.

SET LOCAL search_path = panhuo, public;

ALTER POLICY scope ON head WITH CHECK (
  scope_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR scope_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR scope_id = (SELECT nullif(current_setting('app.scope_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) IN ('admin', 'system'));
