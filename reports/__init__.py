"""Reports: what is shown as sheets and pages. Pure: no database, no clock, no network."""
