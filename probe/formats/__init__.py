"""Files of recorded probe data, one reader per format; ``registry`` knows which is which. Everything is read only."""
