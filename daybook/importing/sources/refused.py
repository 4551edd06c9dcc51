"""What ends the reading of one order, or of a whole file; nothing is posted of what is refused."""


class Refused(Exception):
    """The order, or the row, cannot be taken as it stands; the message says why."""


class Unreadable(Exception):
    """The file is not what it was said to be; the message says what to do."""
