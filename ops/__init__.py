"""Starts the service and looks after it: command line, settings, private database, backups, checks."""
