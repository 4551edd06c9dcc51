"""The offline proof: `verify.py`, one file that needs the standard library alone. It is imported by nobody here."""
