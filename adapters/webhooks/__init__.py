"""Requests to receivers of webhooks, over connections that lead to where they may and nowhere else."""
