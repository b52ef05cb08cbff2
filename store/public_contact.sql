-- name: state
-- $1 facts, JSON by column name: in place of what stood there; the one before goes to the twin.
INSERT INTO public_contact (park_id, id, office, phone, mail, hours, contact_id, agreed_on, agreement, illustrative)
SELECT park_id, id, office, phone, mail, hours, contact_id, agreed_on, agreement, illustrative
FROM jsonb_populate_record(NULL::public_contact, '{"illustrative": []}'::jsonb || $1::jsonb)
ON CONFLICT (park_id, id) DO UPDATE SET (
  office, phone, mail, hours, contact_id, agreed_on, agreement, illustrative
) = (SELECT excluded.office, excluded.phone, excluded.mail, excluded.hours, excluded.contact_id, excluded.agreed_on,
    excluded.agreement, excluded.illustrative), revision = public_contact.revision + 1;

-- name: remove
-- $1 park, $2 unit or the park itself: no row where there was none.
DELETE FROM public_contact WHERE park_id = $1 AND id = $2 RETURNING true;

-- name: of_park
-- $1 park, or a zone of it: whom to call there; nulls where nobody is named, no row where there is no such park.
SELECT c.document, c.revision FROM park_visible AS p
LEFT JOIN public_contact_visible AS c ON c.park_id = coalesce(p.zone_of, p.id) AND c.id = c.park_id
WHERE p.id = $1;

-- name: of_unit
-- $1 unit: whom to call about it: its own, that of the whole it is part of, of the building or plot, of its park.
SELECT c.document, c.revision FROM asset_visible AS a
LEFT JOIN public_contact_visible AS c ON c.park_id = a.park_id AND c.id IN (a.id, a.parent_id, a.root_id, a.park_id)
WHERE a.id = $1 ORDER BY array_position(ARRAY[a.id, a.parent_id, a.root_id, a.park_id], c.id), c.id LIMIT 1;
