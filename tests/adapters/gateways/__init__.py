"""One contract for every payment gateway."""
