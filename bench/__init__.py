"""Speeds of the service beside their anchors, each in one run."""
