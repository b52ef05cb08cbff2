"""Papers: what is told as sheets and pages, offline."""
