"""Browsers in plain words: enough to know one's own again. Pure."""

from __future__ import annotations

# The first that is found counts: most browsers also call themselves by the names below theirs.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def browser_in_words(user_agent: str | None) -> str | None:
    """Name and system, as `Firefox, Windows`; `None` where neither is known."""
    given = user_agent or ""
    found = [next((name for sign, name in signs if sign in given), None) for signs in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in found if name) or None
