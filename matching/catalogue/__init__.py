"""The units on offer as columns of whole numbers, a table per kind, and what changed since."""
