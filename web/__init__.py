"""HTTP, thin: commands (POST), queries and audit (GET), problems and schemas.

It decides nothing about an order: it parses, asks, and answers.
"""
