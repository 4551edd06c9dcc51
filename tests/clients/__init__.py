"""Clients that other programs make from the description of the API, and what lints it."""
