"""All SQL. Nothing above this level knows a table, nothing but this level knows the driver."""
