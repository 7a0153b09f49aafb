"""What a function changes, keeps, shares or reads besides its two arguments."""
