"""Measurements beside peers and floors, and the converter of the public data set.

Nothing that runs in production imports it.
"""
