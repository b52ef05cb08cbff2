-- A note of an interest may be as long as a note elsewhere.

SET LOCAL search_path = panhuo, public;

ALTER TABLE interest DROP CONSTRAINT interest_note_length;
ALTER TABLE interest ADD CONSTRAINT interest_note_length CHECK (length(note) BETWEEN 1 AND 4000);
