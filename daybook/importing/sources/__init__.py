"""Exports of other systems, read as they are: each order becomes one value, and that the commands of its life.

Readers are pure: a file in, orders out, one at a time, in memory that does not grow with the file. What they spread,
drop or assume stands in the order's notes; an order whose figures do not add up is refused with its line.
"""
