"""The ledger of units as spreadsheets: read, mapped, checked, and written."""
