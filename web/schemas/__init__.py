"""The shapes of command bodies: one marshmallow schema per command, and what makes a field right.

A schema knows types, lengths and ranges; whether an order allows a command is the domain's to say.
"""
