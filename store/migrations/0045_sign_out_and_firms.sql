-- Signing out ends the session by any access token it had; the policies ask for a mandate where the acts do.

SET LOCAL search_path = panhuo, public;

ALTER TABLE spent_refresh_token ADD COLUMN access_hash bytea;
CREATE INDEX spent_refresh_token_access ON spent_refresh_token (access_hash);
COMMENT ON COLUMN spent_refresh_token.access_hash IS
  'SHA-256 of the access token that ended with it: it signs out, and nothing else; NULL: from before [owner]';

-- Beside the policies of these tables, which let an act write the rows of its scope: staff change nothing in a firm's
-- name without its mandate, nor make a firm another park's, whatever statement they bring.
CREATE POLICY by_mandate ON firm AS RESTRICTIVE FOR UPDATE TO panhuo_app USING (  -- to lock it, whatever the mandate is for
  (SELECT current_setting('app.role', true)) <> 'staff' OR cardinality(mandated(id)) > 0
) WITH CHECK ((SELECT current_setting('app.role', true)) <> 'staff' OR mandated(id) && ARRAY['firm', 'parent']);
CREATE POLICY by_its_park ON firm AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff'
  OR registering_park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]));
CREATE POLICY by_mandate_posted ON demand AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
CREATE POLICY by_mandate_amended ON demand AS RESTRICTIVE FOR UPDATE TO panhuo_app USING (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
CREATE POLICY by_mandate ON ranking AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
CREATE POLICY by_mandate ON interest AS RESTRICTIVE FOR INSERT TO panhuo_app WITH CHECK (
  (SELECT current_setting('app.role', true)) <> 'staff' OR mandated(firm_id) && ARRAY['demands']);
