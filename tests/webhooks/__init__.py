"""Webhooks that we send: kept, signed, sent in order, tried again, and never to where they must not go."""
