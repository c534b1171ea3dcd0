"""The border of the views that take sends: a POST goes past REST framework."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.views import APIView

from channels_app.api.errors import error_response


class DirectPostView(APIView):
    """Answers a POST at once, any other method as REST framework does.

    REST framework's own machinery costs more than all the rest of a send; what it
    would check is checked by `accept`, and what that raises is answered here.
    """

    @abstractmethod
    def accept(self, request: HttpRequest) -> HttpResponse:
        """Answer the POST, or raise what `error_response` knows."""

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)
        try:
            return self.accept(request)
        except Exception as error:  # noqa: BLE001 - the one border of these views
            return error_response(error, request)
