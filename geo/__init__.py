"""Outlines and measures. Pure: no database, no clock, no network; alone in knowing shapely and pyproj."""
