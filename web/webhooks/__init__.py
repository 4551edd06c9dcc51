"""Webhooks that we send, over HTTP: people keep and look at them; ``webhooks/`` does the sending.

Reports that providers send to us come in at ``web/provider_reports.py``.
"""
