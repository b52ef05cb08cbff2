"""How a revival goes from stage to stage. Pure: no database, no clock."""
