-- A unit's row holds its feature as text and passes 2 kB, from where PostgreSQL compresses it: a page of units then
-- unpacks every feature it sends. Rows stay as they are up to a page of the table's file, 8 kB; rows that stand are
-- written anew when they next change.
SET LOCAL search_path = panhuo, public;
ALTER TABLE asset SET (toast_tuple_target = 8160);
