"""Measurements beside peers and floors, and the converter of the public data set. Nothing in production imports it."""
