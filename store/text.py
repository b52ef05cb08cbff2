"""Users' text inside patterns."""


def like_literal(text: str) -> str:
    """The text as it stands, inside a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
