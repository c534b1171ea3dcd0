"""What the document says of a view beyond its annotations: the scope that it needs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

SCOPE = "x-required-scope"


class ApiSchema(AutoSchema):
    """Adds the scope, which decides who may call, to each operation."""

    def get_extensions(self) -> dict[str, Any]:
        """Return the extensions of the operation."""
        scope = str(getattr(self.view, "required_scope", ""))
        return {**super().get_extensions(), **({SCOPE: scope} if scope else {})}
