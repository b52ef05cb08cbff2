-- Order 53 without an agreed start; agreements that count once, are corrected, replaced and taken back with a reason.

SET LOCAL search_path = panhuo, public;

ALTER TABLE development ADD COLUMN delivered_on date, ADD COLUMN land_permit_on date;
ALTER TABLE history.development ADD COLUMN delivered_on date, ADD COLUMN land_permit_on date;
COMMENT ON COLUMN development.delivered_on IS 'Day the land was delivered (交地确认书): without an agreed start it is due a year later [staff]';
COMMENT ON COLUMN development.land_permit_on IS 'Day of the land permit (建设用地批准书): counts where the day of delivery is not known [staff]';
DROP TRIGGER keep_past ON development;
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
  planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
  delivered_on, land_permit_on
  OR DELETE ON development FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
  planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
  delivered_on, land_permit_on
  );
CREATE OR REPLACE VIEW development_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
    planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
    delivered_on, land_permit_on
  FROM development
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, asset_id, agreed_start_on, has_started, started_on, stopped_on, due_area_m2, developed_area_m2,
    planned_investment_yuan, invested_yuan, land_price_yuan, determination_no, determined_on, cause, source,
    delivered_on, land_permit_on
  FROM history.development;
