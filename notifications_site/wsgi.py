"""The WSGI entry point, for a production web server."""

import atexit
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifications_site.settings")

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from notifications_site import environment
from notifications_site.charsets import KnownCharsets
from notifications_site.logs import hide_tokens

environment.stop_on_problems()
application = KnownCharsets(get_wsgi_application())

# Gunicorn's access log, where somebody turns it on, names whole addresses.
hide_tokens("gunicorn.access", "gunicorn.error")
atexit.register(import_string("channels_app.services.client_figures.add_figures"))
