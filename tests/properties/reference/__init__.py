"""A second computation of the order's rules, and random lives of orders that compare it with the product.

The model is written from the specification alone. It imports nothing of ``domain``: a rule that is wrong
there must not be wrong here for the same reason. Only ``product`` knows the application.
"""
