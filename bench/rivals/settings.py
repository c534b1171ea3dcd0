"""The service's settings, but for what the rivals need: no middleware, own addresses."""

import os

from notifications_site.settings import *  # noqa: F403, TID251
from notifications_site.settings import DATABASES, Q_CLUSTER  # noqa: TID251

MIDDLEWARE = []
ROOT_URLCONF = "bench.rivals.urls"
WSGI_APPLICATION = "bench.rivals.wsgi.application"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "bench.rivals.signature.SignatureAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
# The admin, which is not served here, would miss its middleware.
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]
Q_CLUSTER = {**Q_CLUSTER, "name": "rival", "workers": 8, "queue_limit": 50}
if "RIVAL_CONN_MAX_AGE" in os.environ:
    DATABASES["default"]["CONN_MAX_AGE"] = int(os.environ["RIVAL_CONN_MAX_AGE"])
