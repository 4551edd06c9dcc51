"""Elements as text: what has no content is not written at all, for the standard knows no empty elements.

Texts are escaped, and characters that XML cannot hold are left out. The same content gives the same bytes.
"""

import re
from xml.sax.saxutils import escape, quoteattr

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str | None) -> str | None:
    """A text as a file can say it; None when nothing is left of it."""
    return (_IMPOSSIBLE.sub("", text).strip() or None) if text else None


def leaf(name: str, text: str | None, /, **attributes: str | None) -> str:
    """An element with a text."""
    content = clean(text)
    return f"<{name}{_written(attributes)}>{escape(content)}</{name}>\n" if content else ""


def group(name: str, /, *parts: str, **attributes: str | None) -> str:
    """An element with other elements in it."""
    content = "".join(parts)
    return f"<{name}{_written(attributes)}>\n{content}</{name}>\n" if content else ""


def _written(attributes: dict[str, str | None]) -> str:
    return "".join(f" {name.replace('__', ':')}={quoteattr(value)}" for name, value in attributes.items() if value)
