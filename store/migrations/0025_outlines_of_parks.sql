-- A park that lies elsewhere changes the tiles where it lay. Its outline and its feature are written by two
-- statements: noted where the feature changed alone, the cells of the outline before were never known.

SET search_path = panhuo, public;

CREATE OR REPLACE FUNCTION note_park() RETURNS trigger LANGUAGE plpgsql SET search_path = panhuo, public, pg_temp AS $$
DECLARE
  home uuid := coalesce(to_jsonb(NEW) ->> 'park_id', NEW.id::text);
  is_new boolean := TG_OP = 'INSERT';
BEGIN
  IF is_new OR OLD.feature IS DISTINCT FROM NEW.feature OR OLD.boundary IS DISTINCT FROM NEW.boundary THEN
    PERFORM note_shown(concat_ws('|', 'counter', home, 'parks', true, is_new::integer) || ARRAY(
      SELECT concat_ws('|', 'tile', home, c.x, c.y) FROM cells_of(NEW.boundary) AS c
      UNION SELECT concat_ws('|', 'tile', home, c.x, c.y)
        FROM cells_of(CASE WHEN NOT is_new THEN OLD.boundary END) AS c));
  END IF;
  RETURN NULL;
END $$;
