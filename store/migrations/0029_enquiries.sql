-- Whom to call about a park or a unit, and what people ask without an account.

SET search_path = panhuo, public;

-- Telephone and mail are not in the twin: who publishes their own number as the office's can have it erased.
CREATE TABLE public_contact (
  park_id uuid NOT NULL CONSTRAINT public_contact_park REFERENCES park,
  id uuid NOT NULL,
  asset_id uuid GENERATED ALWAYS AS (nullif(id, park_id)) STORED,
  office text NOT NULL CONSTRAINT office_length CHECK (length(office) BETWEEN 1 AND 200),
  phone text CONSTRAINT office_phone_form CHECK (phone ~ '^[0-9-]{10,22}$'),
  mail text CONSTRAINT office_mail_form CHECK (mail ~ '^[^@[:space:]]{1,64}@[A-Za-z0-9.-]{3,189}$'),
  hours text CONSTRAINT office_hours_length CHECK (length(hours) BETWEEN 1 AND 200),
  contact_id uuid,
  agreed_on date,
  agreement text CONSTRAINT agreement_length CHECK (length(agreement) BETWEEN 1 AND 1000),
  illustrative text[] NOT NULL DEFAULT '{}',
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT public_contact_unit FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id) ON DELETE CASCADE,
  CONSTRAINT public_contact_person FOREIGN KEY (park_id, contact_id) REFERENCES contact (park_id, id),
  CONSTRAINT office_can_be_reached CHECK (phone IS NOT NULL OR mail IS NOT NULL),
  CONSTRAINT persons_shown_have_agreed CHECK ((contact_id IS NULL) = (agreed_on IS NULL)
    AND (contact_id IS NULL) = (agreement IS NULL))
);
CREATE INDEX public_contact_id ON public_contact (id);
CREATE INDEX public_contact_of_person ON public_contact (park_id, contact_id);
CREATE TABLE history.public_contact (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, office text, hours text,
  contact_id uuid, agreed_on date, agreement text, illustrative text[], revision bigint,
  CONSTRAINT past_public_contact_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.public_contact (park_id, id);
SELECT make_past('public_contact');
COMMENT ON TABLE public_contact IS
  'Whom the public calls: the office of a park, or of a unit where it is another; a person only who agreed.';
COMMENT ON COLUMN public_contact.park_id IS 'The park [public]';
COMMENT ON COLUMN public_contact.id IS 'The unit, or the park itself [public]';
COMMENT ON COLUMN public_contact.asset_id IS 'The unit; NULL: the whole park [public]';
COMMENT ON COLUMN public_contact.office IS 'What the office is called [public]';
COMMENT ON COLUMN public_contact.phone IS 'Its telephone, as domain/telephone.py keeps numbers [public]';
COMMENT ON COLUMN public_contact.mail IS 'Its mail address [public]';
COMMENT ON COLUMN public_contact.hours IS 'When somebody is there, in words [public]';
COMMENT ON COLUMN public_contact.contact_id IS 'The person who is named beside it; NULL: none [staff]';
COMMENT ON COLUMN public_contact.agreed_on IS 'Day on which that person agreed to be named [staff]';
COMMENT ON COLUMN public_contact.agreement IS 'How that is known: the paper or the words [staff]';
COMMENT ON COLUMN public_contact.illustrative IS 'Names of the fields that are invented for demonstration [public]';
COMMENT ON COLUMN public_contact.revision IS 'Counts changes; the ETag [public]';
COMMENT ON COLUMN public_contact.recorded_at IS 'Known from; UTC [public]';
ALTER TABLE public_contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON public_contact TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.public_contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.public_contact TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE, DELETE ON public_contact TO panhuo_app;
GRANT SELECT ON history.public_contact, public_contact_known TO panhuo_app;

-- All of a park; of a unit that is published, or of the caller's parks. A person who was erased is named no more; how
-- they agreed is for the staff of the park.
CREATE VIEW public_contact_visible AS
  SELECT p.park_id, p.id, p.revision, row_to_json(d)::text AS document
  FROM public_contact AS p LEFT JOIN contact AS c ON c.park_id = p.park_id AND c.id = p.contact_id
  CROSS JOIN LATERAL (
    SELECT coalesce(p.park_id = ANY (
      (SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]), false)
      AND (SELECT current_setting('app.role', true)) NOT IN ('leader', 'auditor') AS is_staff) AS caller
  CROSS JOIN LATERAL (
    SELECT p.park_id, p.asset_id, p.office, p.phone, p.mail, p.hours,
      CASE WHEN c.name IS NOT NULL THEN json_build_object('name', c.name, 'phone', c.phone) END AS person,
      CASE WHEN caller.is_staff AND p.contact_id IS NOT NULL THEN json_build_object('contact_id', p.contact_id,
        'agreed_on', p.agreed_on, 'agreement', p.agreement) END AS agreement,
      p.illustrative, p.revision, p.recorded_at) AS d
  WHERE p.asset_id IS NULL
    OR p.park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
    OR EXISTS (SELECT FROM asset AS a WHERE a.park_id = p.park_id AND a.id = p.asset_id AND a.listing = 'published');
GRANT SELECT ON public_contact_visible TO panhuo_app, panhuo_public;

-- What people ask of a park without an account, or a firm with one. Who asks and in which words is no part of it.
CREATE TABLE enquiry (
  park_id uuid NOT NULL CONSTRAINT enquiry_park REFERENCES park,
  id uuid NOT NULL,
  reference text NOT NULL CONSTRAINT enquiry_reference_form
    CHECK (reference ~ '^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$'),
  asset_id uuid,
  firm_id uuid CONSTRAINT enquiry_firm REFERENCES firm,
  demand_id uuid,
  ranking_id uuid,
  outcome_id uuid,
  wants_visit boolean NOT NULL,
  consent text NOT NULL,
  state text NOT NULL DEFAULT 'new'
    CONSTRAINT enquiry_state CHECK (state IN ('new', 'answered', 'visit_arranged', 'closed')),
  received_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  answered_at timestamptz,
  answered_by text CONSTRAINT enquiry_answered_by CHECK (answered_by IN ('phone', 'mail', 'message', 'meeting')),
  visit_starts_at timestamptz,
  visit_ends_at timestamptz,
  closed_at timestamptz,
  closed_as text CONSTRAINT enquiry_closed_as CHECK (closed_as IN ('served', 'no_fit', 'unreachable', 'spam')),
  erased_at timestamptz,
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT enquiry_reference_taken UNIQUE (park_id, reference),
  CONSTRAINT enquiry_unit FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT enquiry_demand FOREIGN KEY (firm_id, demand_id) REFERENCES demand (firm_id, id),
  CONSTRAINT enquiry_ranking FOREIGN KEY (firm_id, ranking_id) REFERENCES ranking (firm_id, id),
  CONSTRAINT enquiry_outcome FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT enquiry_firm_before_its_need CHECK (firm_id IS NOT NULL OR num_nonnulls(demand_id, ranking_id,
    outcome_id) = 0),
  CONSTRAINT enquiry_answered_somehow CHECK ((answered_at IS NULL) = (answered_by IS NULL)
    AND (state <> 'answered' OR answered_at IS NOT NULL)),
  CONSTRAINT enquiry_visit_has_an_end CHECK ((visit_starts_at IS NULL) = (visit_ends_at IS NULL)
    AND visit_starts_at < visit_ends_at AND (state <> 'visit_arranged' OR visit_starts_at IS NOT NULL)),
  CONSTRAINT enquiry_closed_once CHECK ((state = 'closed') = (closed_at IS NOT NULL)
    AND (state = 'closed') = (closed_as IS NOT NULL))
);
CREATE INDEX enquiry_id ON enquiry (id);
CREATE INDEX enquiry_of_unit ON enquiry (park_id, asset_id);
CREATE INDEX enquiry_of_firm ON enquiry (firm_id, id) WHERE firm_id IS NOT NULL;
CREATE INDEX enquiry_due ON enquiry (park_id, due_at) WHERE state = 'new';
CREATE TABLE history.enquiry (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, asset_id uuid,
  firm_id uuid, demand_id uuid, ranking_id uuid, outcome_id uuid, wants_visit boolean, consent text, state text,
  received_at timestamptz, due_at timestamptz, answered_at timestamptz, answered_by text, visit_starts_at timestamptz,
  visit_ends_at timestamptz, closed_at timestamptz, closed_as text, erased_at timestamptz, revision bigint,
  CONSTRAINT past_enquiry_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.enquiry (park_id, id);
SELECT make_past('enquiry');
COMMENT ON TABLE enquiry IS 'An enquiry about a park or a unit, and what came of it; the person stands in `enquirer`.';
COMMENT ON COLUMN enquiry.park_id IS 'The park that answers [staff]';
COMMENT ON COLUMN enquiry.id IS 'UUIDv7 [staff]';
COMMENT ON COLUMN enquiry.reference IS 'What the sender got to name it by [staff]';
COMMENT ON COLUMN enquiry.asset_id IS 'The unit it is about; NULL: the park [staff]';
COMMENT ON COLUMN enquiry.firm_id IS 'The firm, as it signed in or as staff found out; NULL: not known [staff]';
COMMENT ON COLUMN enquiry.demand_id IS 'Its need; NULL: none stated [staff]';
COMMENT ON COLUMN enquiry.ranking_id IS 'The ranking from which it came; NULL: none [staff]';
COMMENT ON COLUMN enquiry.outcome_id IS 'The deal that came of it; NULL: none [staff]';
COMMENT ON COLUMN enquiry.wants_visit IS 'Whether a visit is asked for [staff]';
COMMENT ON COLUMN enquiry.consent IS 'Version of the consent line that was shown and agreed to [staff]';
COMMENT ON COLUMN enquiry.state IS 'new, answered, visit_arranged, closed [staff]';
COMMENT ON COLUMN enquiry.received_at IS 'When it came; UTC [staff]';
COMMENT ON COLUMN enquiry.due_at IS 'When the working hours are over within which the park answers; UTC [staff]';
COMMENT ON COLUMN enquiry.answered_at IS 'When it was answered first; UTC; NULL: not yet [staff]';
COMMENT ON COLUMN enquiry.answered_by IS 'How it was answered last [staff]';
COMMENT ON COLUMN enquiry.visit_starts_at IS 'When the visit begins; UTC; NULL: none arranged [staff]';
COMMENT ON COLUMN enquiry.visit_ends_at IS 'When it ends; UTC [staff]';
COMMENT ON COLUMN enquiry.closed_at IS 'When it was closed; UTC [staff]';
COMMENT ON COLUMN enquiry.closed_as IS 'What it was closed as [staff]';
COMMENT ON COLUMN enquiry.erased_at IS 'When its person was erased; UTC; NULL: not erased [staff]';
COMMENT ON COLUMN enquiry.revision IS 'Counts changes; the ETag [staff]';
COMMENT ON COLUMN enquiry.recorded_at IS 'Known from; UTC [staff]';
ALTER TABLE enquiry ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON enquiry TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.enquiry ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.enquiry TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON enquiry TO panhuo_app;
GRANT SELECT ON history.enquiry, enquiry_known TO panhuo_app;

-- Who asked, in which words, and what was answered in free words: no twin; a row goes as a whole.
CREATE TABLE enquirer (
  park_id uuid NOT NULL,
  enquiry_id uuid NOT NULL,
  name text NOT NULL CONSTRAINT enquirer_name_length CHECK (length(name) BETWEEN 1 AND 200),
  phone text CONSTRAINT enquirer_phone_form CHECK (phone ~ '^[0-9-]{10,22}$'),
  mail text CONSTRAINT enquirer_mail_form CHECK (mail ~ '^[^@[:space:]]{1,64}@[A-Za-z0-9.-]{3,189}$'),
  message text NOT NULL CONSTRAINT enquirer_message_length CHECK (length(message) BETWEEN 1 AND 2000),
  answer text CONSTRAINT enquirer_answer_length CHECK (length(answer) BETWEEN 1 AND 4000),
  meeting_place text CONSTRAINT enquirer_meeting_place_length CHECK (length(meeting_place) BETWEEN 1 AND 200),
  PRIMARY KEY (park_id, enquiry_id),
  CONSTRAINT enquirer_of_enquiry FOREIGN KEY (park_id, enquiry_id) REFERENCES enquiry (park_id, id),
  CONSTRAINT enquirer_can_be_reached CHECK (phone IS NOT NULL OR mail IS NOT NULL)
);
COMMENT ON TABLE enquirer IS 'The person of an enquiry with all words written about it, erased together.';
COMMENT ON COLUMN enquirer.park_id IS 'The park [staff]';
COMMENT ON COLUMN enquirer.enquiry_id IS 'The enquiry [staff]';
COMMENT ON COLUMN enquirer.name IS 'Name, as given [staff]';
COMMENT ON COLUMN enquirer.phone IS 'Telephone, as domain/telephone.py keeps numbers [staff]';
COMMENT ON COLUMN enquirer.mail IS 'Mail address [staff]';
COMMENT ON COLUMN enquirer.message IS 'What they ask [staff]';
COMMENT ON COLUMN enquirer.answer IS 'What was answered; NULL: nothing yet [staff]';
COMMENT ON COLUMN enquirer.meeting_place IS 'Where they are met for a visit; NULL: at the unit [staff]';
ALTER TABLE enquirer ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON enquirer TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
CREATE POLICY no_contacts ON enquirer AS RESTRICTIVE TO panhuo_app
  USING ((SELECT current_setting('app.role', true)) NOT IN ('leader', 'auditor'));
GRANT SELECT, INSERT, UPDATE, DELETE ON enquirer TO panhuo_app;

CREATE TABLE enquiry_terms (
  park_id uuid PRIMARY KEY CONSTRAINT enquiry_terms_park REFERENCES park,
  answer_hours integer NOT NULL CONSTRAINT answer_hours_range CHECK (answer_hours BETWEEN 1 AND 400),
  kept_days integer NOT NULL CONSTRAINT kept_days_range CHECK (kept_days BETWEEN 1 AND 3650)
);
COMMENT ON TABLE enquiry_terms IS 'How a park treats enquiries; without a row as domain/enquiry_terms.py says.';
COMMENT ON COLUMN enquiry_terms.park_id IS 'The park [staff]';
COMMENT ON COLUMN enquiry_terms.answer_hours IS 'Working hours within which it answers [staff]';
COMMENT ON COLUMN enquiry_terms.kept_days IS 'Days after which the person of an enquiry is erased [staff]';
ALTER TABLE enquiry_terms ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON enquiry_terms TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON enquiry_terms TO panhuo_app;

-- An enquiry as JSON text, without its person; whether it is overdue is said as of the moment it is read.
CREATE FUNCTION enquiry_document(e enquiry) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT e.park_id, e.id, e.reference, e.asset_id, e.firm_id, e.demand_id,
    e.ranking_id, e.outcome_id, e.wants_visit, e.consent, e.state, e.received_at, e.due_at,
    e.state = 'new' AND e.due_at < clock_timestamp() AS is_overdue, e.answered_at, e.answered_by, e.visit_starts_at,
    e.visit_ends_at, e.closed_at, e.closed_as, e.erased_at, e.revision, e.recorded_at) AS d
$$;
REVOKE ALL ON FUNCTION enquiry_document(enquiry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enquiry_document(enquiry) TO panhuo_app;

-- Of the caller's parks, with the person for their staff; of the caller's firm without.
CREATE VIEW enquiry_visible AS
  SELECT e.park_id, e.id, e.reference, e.asset_id, e.firm_id, e.state, e.due_at, e.revision,
    enquiry_document(e) AS document,
    CASE WHEN caller.is_staff AND q.enquiry_id IS NOT NULL THEN json_build_object('name', q.name, 'phone', q.phone,
      'mail', q.mail, 'message', q.message, 'answer', q.answer, 'meeting_place', q.meeting_place)::text END AS person
  FROM enquiry AS e LEFT JOIN enquirer AS q ON q.park_id = e.park_id AND q.enquiry_id = e.id
  CROSS JOIN LATERAL (
    SELECT coalesce(e.park_id = ANY (
      (SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]), false) AS is_of_park
  ) AS park
  CROSS JOIN LATERAL (SELECT park.is_of_park
    AND (SELECT current_setting('app.role', true)) NOT IN ('leader', 'auditor') AS is_staff) AS caller
  WHERE park.is_of_park OR e.firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid;
GRANT SELECT ON enquiry_visible TO panhuo_app;
