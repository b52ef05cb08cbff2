-- Search as people type it: two derived columns a collection, made by store/spelling.py on every write and, for the rows
-- that are there already, by the runner in the transaction of this file (store/search.fill).

SET LOCAL search_path = panhuo, public;

ALTER TABLE asset ADD COLUMN search tsvector, ADD COLUMN spelling text;
ALTER TABLE firm ADD COLUMN search tsvector, ADD COLUMN spelling text;
ALTER TABLE industry ADD COLUMN search tsvector, ADD COLUMN spelling text;
COMMENT ON COLUMN asset.search IS 'Derived from name and code: each character with its readings and initials [public]';
COMMENT ON COLUMN asset.spelling IS 'Derived from the name: its pinyin, for slips of the pen [public]';
COMMENT ON COLUMN firm.search IS 'Derived from name and credit code: each character with its readings and initials [staff]';
COMMENT ON COLUMN firm.spelling IS 'Derived from the name: its pinyin, for slips of the pen [staff]';
COMMENT ON COLUMN industry.search IS 'Derived from name and code: each character with its readings and initials [public]';
COMMENT ON COLUMN industry.spelling IS 'Derived from the name: its pinyin, for slips of the pen [public]';
