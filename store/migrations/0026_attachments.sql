-- Files: photos and papers of units, parks, deals, their stages, and requests. The bytes lie beside the database,
-- under their SHA-256.

SET search_path = panhuo, public;

CREATE TABLE attachment (
  park_id uuid NOT NULL CONSTRAINT attachment_park REFERENCES park,
  id uuid NOT NULL,
  asset_id uuid,
  is_of_park boolean NOT NULL DEFAULT false,
  outcome_id uuid,
  stage text,
  service_request_id uuid,
  subject_id uuid NOT NULL
    GENERATED ALWAYS AS (coalesce(asset_id, outcome_id, service_request_id, park_id)) STORED,
  kind text NOT NULL CONSTRAINT attachment_kind
    CHECK (kind IN ('photo', 'plan', 'certificate', 'contract', 'appraisal', 'notice', 'other')),
  readers text NOT NULL CONSTRAINT attachment_readers CHECK (readers IN ('public', 'firm', 'staff')),
  title text CONSTRAINT attachment_title_length CHECK (length(title) BETWEEN 1 AND 200),
  taken_on date,
  source text CONSTRAINT attachment_source_length CHECK (length(source) BETWEEN 1 AND 1000),
  file_name text NOT NULL CONSTRAINT attachment_file_name_form
    CHECK (length(file_name) BETWEEN 1 AND 200 AND file_name !~ '[/\\[:cntrl:]]' AND file_name IS NFC NORMALIZED),
  media_type text NOT NULL CONSTRAINT attachment_media_type_form CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
  size_bytes bigint NOT NULL CONSTRAINT attachment_holds_something CHECK (size_bytes > 0),
  sha256 text NOT NULL CONSTRAINT attachment_sha256_form CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  pictures jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT attachment_pictures_whole CHECK (pictures = '{}' OR pictures ?& ARRAY['original', 'large', 'medium',
      'small']),
  dropped_on date,
  reason text CONSTRAINT attachment_reason_length CHECK (length(reason) BETWEEN 1 AND 1000),
  revision bigint NOT NULL DEFAULT 1,
  recorded_at timestamptz NOT NULL DEFAULT act_at(),
  PRIMARY KEY (park_id, id),
  CONSTRAINT attachment_asset FOREIGN KEY (park_id, asset_id) REFERENCES asset (park_id, id),
  CONSTRAINT attachment_outcome FOREIGN KEY (park_id, outcome_id) REFERENCES outcome (park_id, id),
  CONSTRAINT attachment_stage FOREIGN KEY (park_id, outcome_id, stage)
    REFERENCES milestone (park_id, outcome_id, kind),
  CONSTRAINT attachment_request FOREIGN KEY (park_id, service_request_id) REFERENCES service_request (park_id, id),
  CONSTRAINT attachment_has_one_subject
    CHECK (num_nonnulls(asset_id, outcome_id, service_request_id) + is_of_park::integer = 1),
  CONSTRAINT attachment_stage_is_of_an_outcome CHECK (stage IS NULL OR outcome_id IS NOT NULL),
  CONSTRAINT attachment_readers_suit_its_subject CHECK (readers = 'staff'
    OR readers = 'public' AND (asset_id IS NOT NULL OR is_of_park)
    OR readers = 'firm' AND (outcome_id IS NOT NULL OR service_request_id IS NOT NULL)),
  CONSTRAINT attachment_dropped_with_a_reason CHECK ((dropped_on IS NULL) = (reason IS NULL))
);
CREATE INDEX attachment_id ON attachment (id);
CREATE INDEX attachment_of_subject ON attachment (subject_id, id);
CREATE TABLE history.attachment (
  superseded_at timestamptz NOT NULL, recorded_at timestamptz NOT NULL, park_id uuid, id uuid, asset_id uuid,
  is_of_park boolean, outcome_id uuid, stage text, service_request_id uuid, kind text, readers text, title text,
  taken_on date, source text, file_name text, media_type text, size_bytes bigint, sha256 text, dropped_on date,
  reason text, CONSTRAINT past_attachment_ended CHECK (superseded_at < 'infinity')
);
CREATE INDEX ON history.attachment (park_id, id);
SELECT make_past('attachment');
COMMENT ON TABLE attachment IS
  'A file of a unit, a park, a deal, a stage of a deal, or a request; dropped ones stay, with the reason.';
COMMENT ON COLUMN attachment.park_id IS 'The park [public]';
COMMENT ON COLUMN attachment.id IS 'UUIDv7 [public]';
COMMENT ON COLUMN attachment.asset_id IS 'The unit; NULL: of something else [public]';
COMMENT ON COLUMN attachment.is_of_park IS 'True: of the park itself [public]';
COMMENT ON COLUMN attachment.outcome_id IS 'The deal; NULL: of something else [public]';
COMMENT ON COLUMN attachment.stage IS 'The stage of the deal; NULL: of the deal as a whole, or none [public]';
COMMENT ON COLUMN attachment.service_request_id IS 'The request; NULL: of something else [public]';
COMMENT ON COLUMN attachment.subject_id IS 'The id of what it is of [public]';
COMMENT ON COLUMN attachment.kind IS 'photo, plan, certificate, contract, appraisal, notice, other [public]';
COMMENT ON COLUMN attachment.readers IS
  'public: whoever sees the unit or park; firm: the firms of the deal or request; staff: of the park alone [public]';
COMMENT ON COLUMN attachment.title IS 'What it shows; NULL: not said [public]';
COMMENT ON COLUMN attachment.taken_on IS 'Day it was taken or drawn up, Asia/Shanghai; NULL: not said [public]';
COMMENT ON COLUMN attachment.source IS 'Where it comes from; NULL: not said [public]';
COMMENT ON COLUMN attachment.file_name IS 'Name of the file as it was sent, NFC [public]';
COMMENT ON COLUMN attachment.media_type IS 'What its first bytes say it is [public]';
COMMENT ON COLUMN attachment.size_bytes IS 'Size as it was sent, bytes [public]';
COMMENT ON COLUMN attachment.sha256 IS 'SHA-256 of the bytes as they were sent, hex, under which they lie [public]';
COMMENT ON COLUMN attachment.pictures IS
  'What others than staff get of a picture, and its smaller sizes: SHA-256, bytes, width and height of each [public]';
COMMENT ON COLUMN attachment.dropped_on IS 'Day it was dropped, Asia/Shanghai; NULL: it is there [staff]';
COMMENT ON COLUMN attachment.reason IS 'Why it was dropped [staff]';
COMMENT ON COLUMN attachment.revision IS 'Counts changes; the ETag [public]';
COMMENT ON COLUMN attachment.recorded_at IS 'Known from; UTC [public]';
ALTER TABLE attachment ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attachment TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
ALTER TABLE history.attachment ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON history.attachment TO panhuo_app USING (
  park_id = ANY ((SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[])
  OR (SELECT current_setting('app.role', true)) = 'system');
GRANT SELECT, INSERT, UPDATE ON attachment TO panhuo_app;
GRANT SELECT ON history.attachment, attachment_known TO panhuo_app;

-- A file as JSON text. Others than staff read of a picture what they get: one without what the camera wrote.
CREATE FUNCTION attachment_document(a attachment, is_own boolean) RETURNS text LANGUAGE sql STABLE
SET search_path = panhuo, public, pg_temp AS $$
  SELECT row_to_json(d)::text FROM (SELECT a.park_id, a.id, a.asset_id, a.is_of_park, a.outcome_id, a.stage,
    a.service_request_id, a.kind, a.readers, a.title, a.taken_on, a.source, a.file_name, a.media_type,
    CASE WHEN is_own OR a.pictures = '{}' THEN a.size_bytes
      ELSE (a.pictures #>> '{original,size_bytes}')::bigint END AS size_bytes,
    CASE WHEN is_own OR a.pictures = '{}' THEN a.sha256 ELSE a.pictures #>> '{original,sha256}' END AS sha256,
    (a.pictures #>> '{original,width_px}')::integer AS width_px,
    (a.pictures #>> '{original,height_px}')::integer AS height_px, a.revision, a.recorded_at) AS d
$$;
REVOKE ALL ON FUNCTION attachment_document(attachment, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attachment_document(attachment, boolean) TO panhuo_app, panhuo_public;

CREATE VIEW attachment_visible AS
  SELECT a.park_id, a.id, a.subject_id, a.stage, a.kind, a.file_name, a.media_type, a.sha256, a.pictures, a.revision,
    own.is_own, attachment_document(a, own.is_own) AS document
  FROM attachment AS a CROSS JOIN LATERAL (SELECT coalesce(a.park_id = ANY (
    (SELECT string_to_array(nullif(current_setting('app.park_ids', true), ''), ','))::uuid[]), false) AS is_own) AS own
  WHERE a.dropped_on IS NULL AND (own.is_own
    OR a.readers = 'public' AND (a.is_of_park OR EXISTS (SELECT FROM asset AS u
      WHERE u.park_id = a.park_id AND u.id = a.asset_id AND u.listing = 'published'))
    OR a.readers = 'firm' AND (EXISTS (SELECT FROM outcome AS o WHERE o.park_id = a.park_id AND o.id = a.outcome_id
        AND (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid IN (o.firm_id, o.owner_firm_id))
      OR EXISTS (SELECT FROM service_request AS r WHERE r.park_id = a.park_id AND r.id = a.service_request_id
        AND r.firm_id = (SELECT nullif(current_setting('app.firm_id', true), ''))::uuid)));
GRANT SELECT ON attachment_visible TO panhuo_app, panhuo_public;
