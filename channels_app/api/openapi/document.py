"""The document as it is served: made once for each language, whoever asks for it."""

from __future__ import annotations

import threading
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator

_LOCK = threading.Lock()
_made: dict[str, dict[str, Any]] = {}


class OneDocument:
    """Makes the document one at a time: the generator's own loading is not thread-safe.

    Making it takes most of a second, which nobody unsigned may cost us again and again.
    """

    def __init__(self, **options: Any) -> None:
        self._generator: Any = SchemaGenerator(**options)

    def get_schema(self, request: object = None, public: bool = False) -> Any:
        """Return the document in the present language."""
        language = get_language() or ""
        with _LOCK:
            if language not in _made:
                _made[language] = self._generator.get_schema(request=None, public=True)
            return _made[language]
