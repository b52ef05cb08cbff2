"""What a unit must and should be, a file for each requirement."""
