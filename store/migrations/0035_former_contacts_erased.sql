-- People are kept while a firm turns to them: whoever was before is erased, and answers of earlier versions no longer repeat name and telephone.

SET LOCAL search_path = panhuo, public;

UPDATE contact SET name = NULL, phone = NULL
WHERE name IS NOT NULL AND NOT EXISTS (SELECT FROM firm_officer AS o WHERE o.park_id = contact.park_id AND o.contact_id = contact.id);
UPDATE idempotency SET body = (body::jsonb - 'name' - 'phone')::text WHERE body LIKE '%"contact_id"%' AND body LIKE '%"phone"%';
COMMENT ON COLUMN contact.name IS 'Name; NULL: erased, or nobody turns to them any more [staff]';
