"""What a firm needs, in the steps of the catalogue it is held against."""
