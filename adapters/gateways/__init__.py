"""Payment gateways: a simulated one for development, Stripe as an extra. Both pass one contract test."""
