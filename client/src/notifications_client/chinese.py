"""Chinese for the client's own sentences, by their English."""

CHINESE: dict[str, str] = {}
