-- Service to firms: what a firm asks of the park (企业吹哨), its contact officer (服务企业专员), visits (走访).

SET search_path = panhuo, public;

CREATE TABLE contact (
  park_id uuid NOT NULL CONSTRAINT contact_park REFERENCES park,
  id uuid NOT NULL,
  name text,
  phone text,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id)
);
COMMENT ON TABLE contact IS
  'People, apart from all else: events, history and exports hold the id only, so that a person can be erased.';
COMMENT ON COLUMN contact.park_id IS 'The park that keeps it [staff]';
COMMENT ON COLUMN contact.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN contact.name IS 'Name; NULL: erased, or nobody turns to them any more [staff]';
COMMENT ON COLUMN contact.phone IS 'Telephone; NULL: unknown or erased [staff]';
COMMENT ON COLUMN contact.recorded_at IS 'Kept since; UTC [staff]';
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON contact TO panhuo_app;

CREATE TABLE firm_officer (
  park_id uuid NOT NULL,
  firm_id uuid NOT NULL CONSTRAINT officer_of_firm REFERENCES firm,
  contact_id uuid NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, firm_id),
  CONSTRAINT officer_is_a_contact FOREIGN KEY (park_id, contact_id) REFERENCES contact (park_id, id)
);
CREATE TABLE history.firm_officer (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, firm_id uuid, contact_id uuid
);
CREATE INDEX ON history.firm_officer (park_id, firm_id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, firm_id, contact_id
  OR DELETE ON firm_officer FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, firm_id, contact_id);
COMMENT ON TABLE firm_officer IS 'Who in a park a firm turns to (服务企业专员), one a firm and park.';
COMMENT ON COLUMN firm_officer.park_id IS 'The park [staff]';
COMMENT ON COLUMN firm_officer.firm_id IS 'The firm [staff]';
COMMENT ON COLUMN firm_officer.contact_id IS 'The person [staff]';
COMMENT ON COLUMN firm_officer.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE firm_officer ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON firm_officer TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.firm_officer ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.firm_officer TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON firm_officer TO panhuo_app;
GRANT SELECT ON history.firm_officer TO panhuo_app;

CREATE VIEW firm_officer_visible AS
  SELECT o.park_id, o.firm_id, row_to_json(d)::text AS document
  FROM firm_officer AS o JOIN contact AS c ON c.park_id = o.park_id AND c.id = o.contact_id
  CROSS JOIN LATERAL (SELECT o.park_id, o.firm_id, o.contact_id, c.name, c.phone, o.recorded_at) AS d
  WHERE o.park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR o.firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid;
GRANT SELECT ON firm_officer_visible TO panhuo_app;

CREATE TABLE visit (
  park_id uuid NOT NULL CONSTRAINT visit_park REFERENCES park,
  id uuid NOT NULL,
  firm_id uuid NOT NULL CONSTRAINT visited_firm REFERENCES firm,
  outcome_id uuid,
  visited_on date NOT NULL,
  note text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT visit_outcome FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id)
);
CREATE INDEX visit_firm ON visit (park_id, firm_id, id);
COMMENT ON TABLE visit IS 'A visit of the park to a firm (走访), with its note; never changed.';
COMMENT ON COLUMN visit.park_id IS 'The park [staff]';
COMMENT ON COLUMN visit.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN visit.firm_id IS 'The firm [staff]';
COMMENT ON COLUMN visit.outcome_id IS 'The deal it was about; NULL: none [staff]';
COMMENT ON COLUMN visit.visited_on IS 'Day, Asia/Shanghai [staff]';
COMMENT ON COLUMN visit.note IS 'What was seen and said [staff]';
COMMENT ON COLUMN visit.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE visit ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON visit TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT ON visit TO panhuo_app;

CREATE TABLE service_request (
  park_id uuid NOT NULL CONSTRAINT request_park REFERENCES park,
  id uuid NOT NULL,
  firm_id uuid NOT NULL CONSTRAINT request_firm REFERENCES firm,
  outcome_id uuid,
  topic text NOT NULL CONSTRAINT request_topic CHECK (topic IN ('approvals', 'land', 'power', 'water', 'labour',
    'finance', 'logistics', 'policy', 'safety', 'other')),
  request text NOT NULL,
  stage text NOT NULL CONSTRAINT request_stage CHECK (stage IN ('raised', 'dispatched', 'answered', 'closed')),
  raised_on date NOT NULL,
  department text,
  dispatched_on date,
  due_on date,
  answer text,
  answered_on date,
  closed_on date,
  is_satisfied boolean,
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT request_outcome FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT dispatched_to_someone CHECK (stage = 'raised' OR department IS NOT NULL AND dispatched_on IS NOT NULL),
  CONSTRAINT answered_before_closed CHECK (stage NOT IN ('answered', 'closed') OR answer IS NOT NULL
    AND answered_on IS NOT NULL),
  CONSTRAINT closed_on_a_day CHECK ((stage = 'closed') = (closed_on IS NOT NULL)),
  CONSTRAINT request_days_in_order CHECK (raised_on <= dispatched_on AND dispatched_on <= due_on
    AND dispatched_on <= answered_on AND answered_on <= closed_on)
);
CREATE INDEX service_request_id ON service_request (id);
CREATE INDEX service_request_firm ON service_request (firm_id, id);
CREATE TABLE history.service_request (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, firm_id uuid,
  outcome_id uuid, topic text, request text, stage text, raised_on date, department text, dispatched_on date,
  due_on date, answer text, answered_on date, closed_on date, is_satisfied boolean,
  CONSTRAINT past_request_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.service_request (park_id, id);
CREATE TRIGGER keep_past BEFORE UPDATE OF
  park_id, id, firm_id, outcome_id, topic, request, stage, raised_on, department, dispatched_on, due_on, answer,
  answered_on, closed_on, is_satisfied
  OR DELETE ON service_request FOR EACH ROW EXECUTE FUNCTION keep_past(
  park_id, id, firm_id, outcome_id, topic, request, stage, raised_on, department, dispatched_on, due_on, answer,
  answered_on, closed_on, is_satisfied);
CREATE VIEW service_request_known WITH (security_invoker = true) AS
  SELECT 'infinity'::timestamptz AS superseded_at, recorded_at,
    park_id, id, firm_id, outcome_id, topic, request, stage, raised_on, department, dispatched_on, due_on, answer,
    answered_on, closed_on, is_satisfied
  FROM service_request
  UNION ALL SELECT superseded_at, recorded_at,
    park_id, id, firm_id, outcome_id, topic, request, stage, raised_on, department, dispatched_on, due_on, answer,
    answered_on, closed_on, is_satisfied
  FROM history.service_request;
COMMENT ON TABLE service_request IS
  'What a firm asks of the park (企业吹哨): dispatched to a department, answered, closed.';
COMMENT ON COLUMN service_request.park_id IS 'The park asked [staff]';
COMMENT ON COLUMN service_request.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN service_request.firm_id IS 'The firm that asks [staff]';
COMMENT ON COLUMN service_request.outcome_id IS 'The deal it is about; NULL: none [staff]';
COMMENT ON COLUMN service_request.topic IS 'What it is about, from a fixed list [staff]';
COMMENT ON COLUMN service_request.request IS 'What the firm asks, in its words [staff]';
COMMENT ON COLUMN service_request.stage IS 'raised, dispatched, answered, closed [staff]';
COMMENT ON COLUMN service_request.raised_on IS 'Day it was raised, Asia/Shanghai [staff]';
COMMENT ON COLUMN service_request.department IS 'Whose it is to answer [staff]';
COMMENT ON COLUMN service_request.dispatched_on IS 'Day it was last dispatched [staff]';
COMMENT ON COLUMN service_request.due_on IS 'Day by which an answer is due; NULL: none set [staff]';
COMMENT ON COLUMN service_request.answer IS 'The answer [staff]';
COMMENT ON COLUMN service_request.answered_on IS 'Day of the answer [staff]';
COMMENT ON COLUMN service_request.closed_on IS 'Day it was closed [staff]';
COMMENT ON COLUMN service_request.is_satisfied IS 'Whether the firm is satisfied; NULL: did not say [staff]';
COMMENT ON COLUMN service_request.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN service_request.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE service_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON service_request TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.service_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.service_request TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON service_request TO panhuo_app;
GRANT SELECT ON history.service_request, service_request_known TO panhuo_app;

-- A request as JSON text.
CREATE FUNCTION service_request_document(r service_request) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT r.park_id, r.id, r.firm_id, r.outcome_id, r.topic, r.request, r.stage,
    r.raised_on, r.department, r.dispatched_on, r.due_on, r.answer, r.answered_on, r.closed_on, r.is_satisfied,
    r.revision, r.recorded_at) AS d
$$;
REVOKE ALL ON FUNCTION service_request_document(service_request) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION service_request_document(service_request) TO panhuo_app;

CREATE VIEW service_request_visible AS
  SELECT park_id, id, firm_id, stage, revision, service_request_document(service_request) AS document
    FROM service_request
  WHERE park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid;
GRANT SELECT ON service_request_visible TO panhuo_app;
