"""What happened, by whom, when and why, as it was recorded: the log for those who may read all of it."""
