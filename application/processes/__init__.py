"""What happens by itself: given what was recorded, commands and answers follow.

Each process is safe to run twice and after a crash at any point.
"""
