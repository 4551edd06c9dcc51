"""Carriers: a simulated one for development, EasyPost as an extra. Both pass one contract test."""
