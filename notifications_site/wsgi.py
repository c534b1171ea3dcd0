"""The WSGI entry point, for a production web server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifications_site.settings")

from django.core.wsgi import get_wsgi_application

from notifications_site import environment

environment.stop_on_problems()
application = get_wsgi_application()
