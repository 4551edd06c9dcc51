"""The schema: numbered plain SQL files, forward only, and the runner that applies them."""
