from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # First, since nearly all requests come here and each pattern before costs them time.
    path("", include("channels_app.api.urls")),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/", include("diagnostics.pages.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("diagnostics.api.urls")),
    path("", include("templates_app.api.urls")),
]

handler400 = "channels_app.api.errors.bad_request"
handler403 = "channels_app.api.errors.permission_denied"
handler404 = "channels_app.api.errors.not_found"
handler500 = "channels_app.api.errors.server_error"
