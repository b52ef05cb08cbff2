-- Whom to call about a park or a unit, what people ask without an account, and firms that sign up.

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
