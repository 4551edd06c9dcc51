"""How a read model is kept up to date: follow the log, fold, write, park what cannot be folded, rebuild.

It knows no read model, no page and no question: which ones there are is handed in. It never decides anything and never
writes to the log.
"""
