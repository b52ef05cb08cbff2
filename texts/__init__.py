"""Every word a person reads, by key and language."""
