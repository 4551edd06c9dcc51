"""Which orders are there: the grid that a desk filters, sorts, searches and counts."""
