"""What is wrong with a text's markup, and where in the text."""


class MarkupError(ValueError):
    """The markup is refused: the offset, what is wrong and what to write instead."""

    def __init__(self, offset: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.remedy = remedy
