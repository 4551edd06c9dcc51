"""One contract for every carrier."""
