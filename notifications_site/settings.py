"""Django's settings, all from the environment; see `.env.example` for each name."""

import os

import django_stubs_ext

from channels_app.api.openapi.text import DESCRIPTION
from notifications_site.admin_look import unfold_settings
from notifications_site.databases import complete
from notifications_site.environment import BASE_DIR, LOG_LEVELS
from notifications_site.environment import ENVIRONMENT as ENV
from notifications_site.logs import logging_settings
from notifications_site.page_safety import PAGE_POLICY, PASSWORD_RULES

django_stubs_ext.monkeypatch()

VERSION = (BASE_DIR / "VERSION").read_text().strip()

# Which process this is: `web` may pool connections, `worker` forks and must not.
PROCESS_ROLE = os.environ.get("NOTIFICATIONS_ROLE", "command")

SECRET_KEY = ENV.secret("DJANGO_SECRET_KEY", at_least=32)
DEBUG = ENV.flag("DEBUG", default=False)
ALLOWED_HOSTS = ENV.words("ALLOWED_HOSTS", "localhost,127.0.0.1")
CSRF_TRUSTED_ORIGINS = ENV.words("CSRF_TRUSTED_ORIGINS")

DATA_DIR = ENV.folder("DATA_DIR", BASE_DIR / "data")
INSTANCE_ID = ENV.raw("INSTANCE_ID")[:64]
API_SECRET_KEY = ENV.secret("API_SECRET_KEY", at_least=32)
ENCRYPT_KEY = ENV.secret("ENCRYPT_KEY", at_least=32, exactly=True)
ENCRYPT_KEYS_OLD = ENV.keys("ENCRYPT_KEYS_OLD", exactly=32)
ADMIN_KEY = ENV.secret("ADMIN_KEY", at_least=16) if ENV.raw("ADMIN_KEY") else ""
METRICS_TOKEN = (
    ENV.secret("METRICS_TOKEN", at_least=16) if ENV.raw("METRICS_TOKEN") else ""
)
BACKUP_PASSPHRASE = (
    ENV.secret("BACKUP_PASSPHRASE", at_least=12) if ENV.raw("BACKUP_PASSPHRASE") else ""
)
ALLOWED_ORIGINS = ENV.words("ALLOWED_ORIGINS")
TELEGRAM_API_BASE = ENV.url(
    "TELEGRAM_API_BASE", "https://api.telegram.org", {"http", "https"}
)
SANDBOX_URL = ENV.url("SANDBOX_URL", "", {"http"})
OUTBOUND_ALLOWED_NETWORKS = ENV.networks("OUTBOUND_ALLOWED_NETWORKS")
MAINTENANCE_MODE = ENV.flag("MAINTENANCE_MODE", default=False)
FEATURES = {
    name: ENV.flag(f"FEATURE_{name.upper()}_ENABLED", default=True)
    for name in (
        "lark",
        "telegram",
        "webhook",
        "slack",
        "email",
        "apprise",
        "retry",
        "cache",
    )
}

# The API's limits.
API_BODY_LIMIT = ENV.whole_number("API_BODY_LIMIT", 1024 * 1024, lowest=1024)
API_DOCS = ENV.flag("API_DOCS", default=True)
API_REFUSE_REPLAYS = ENV.flag("API_REFUSE_REPLAYS", default=True)
LIMIT_UNSIGNED_PER_MINUTE = ENV.whole_number("LIMIT_UNSIGNED_PER_MINUTE", 100)
LIMIT_BAD_SIGNATURES = ENV.whole_number("LIMIT_BAD_SIGNATURES", 20)
LIMIT_SENDS_PER_MINUTE = ENV.whole_number("LIMIT_SENDS_PER_MINUTE", 3000)
LIMIT_MANAGEMENT_PER_MINUTE = ENV.whole_number("LIMIT_MANAGEMENT_PER_MINUTE", 300)
LIMIT_LOGS_PER_MINUTE = ENV.whole_number("LIMIT_LOGS_PER_MINUTE", 300)
# Answers that a web process holds back at once for callers that wait for the outcome.
MAX_HELD_ANSWERS = ENV.whole_number("MAX_HELD_ANSWERS", 4)
# What Grafana and Alertmanager log in with; without both their address is not there.
BASIC_AUTH_USER = ENV.raw("BASIC_AUTH_USER")
BASIC_AUTH_PASSWORD = ENV.raw("BASIC_AUTH_PASSWORD")
ALERT_REPEAT_SECONDS = ENV.whole_number("ALERT_REPEAT_SECONDS", 600)
QUEUE_MAX_DEPTH = ENV.whole_number("QUEUE_MAX_DEPTH", 100_000, lowest=1)
MIN_FREE_DISK_MB = ENV.whole_number("MIN_FREE_DISK_MB", 256)
DATA_UPLOAD_MAX_MEMORY_SIZE = API_BODY_LIMIT
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Delivery: waits between tries in seconds, then the delivery has failed.
RETRY_SCHEDULE = ENV.whole_numbers("RETRY_SCHEDULE", "10,30,120,600,3600,10800")
SEND_DEADLINE_SECONDS = ENV.whole_number("SEND_DEADLINE_SECONDS", 15, lowest=1)
LEASE_SECONDS = ENV.whole_number("LEASE_SECONDS", 60, lowest=20)
ENV.require_shorter(
    "SEND_DEADLINE_SECONDS",
    SEND_DEADLINE_SECONDS,
    than="LEASE_SECONDS",
    most=LEASE_SECONDS - 5,
)
REPLAY_MAX_AGE_HOURS = ENV.whole_number("REPLAY_MAX_AGE_HOURS", 168, lowest=1)
LOG_RETENTION_DAYS = ENV.whole_number("LOG_RETENTION_DAYS", 90)
# Who is told of channels that stopped working, and whether those are probed daily.
OPERATOR_USER_ID = ENV.raw("OPERATOR_USER_ID")
HEALTH_REPORT_USERS = ENV.words("HEALTH_REPORT_USERS", OPERATOR_USER_ID)
PROBE_DISABLED_CONFIGS = ENV.flag("PROBE_DISABLED_CONFIGS", default=True)
MAX_IN_FLIGHT = ENV.whole_number("MAX_IN_FLIGHT", 512, lowest=1)

# The mail server of the e-mail channel; without a host there is none.
EMAIL_HOST = ENV.raw("EMAIL_HOST")
EMAIL_USE_SSL = ENV.flag("EMAIL_USE_SSL", default=False)
EMAIL_USE_TLS = ENV.flag("EMAIL_USE_TLS", default=False)
EMAIL_PORT = ENV.whole_number(
    "EMAIL_PORT", 465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25, lowest=1
)
EMAIL_HOST_USER = ENV.raw("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = ENV.raw("EMAIL_HOST_PASSWORD")
DEFAULT_FROM_EMAIL = ENV.sender_address("DEFAULT_FROM_EMAIL", EMAIL_HOST_USER)
ENV.refuse_both("EMAIL_USE_TLS", "EMAIL_USE_SSL")
APPRISE_SERVICES = ENV.words(
    "APPRISE_SERVICES",
    "bark,barks,dingtalk,discord,gchat,gotify,gotifys,guilded,line,matrix,"
    "matrixs,mmost,mmosts,ntfy,ntfys,pagerduty,pbul,pover,rocket,rockets,schan,"
    "signal,signals,wecombot,workflow,workflows,wxteams,zulip",
)

INSTALLED_APPS = [
    "notifications_site.apps.SiteConfig",
    "unfold.apps.BasicAppConfig",
    # Without pages there is no need to load what they are made of.
    "django.contrib.admin.apps.SimpleAdminConfig"
    if PROCESS_ROLE == "worker"
    else "notifications_site.apps.NotificationsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "templates_app",
    "channels_app",
    "diagnostics",
]

MIDDLEWARE = [
    "channels_app.api.middleware.RequestIdMiddleware",
    "channels_app.api.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "channels_app.api.page_middleware.StaticFilesOfPages",
    "channels_app.api.page_middleware.PolicyOfPages",
    "channels_app.api.page_middleware.SessionsOfCookies",
    "channels_app.api.page_middleware.LanguageOfReaders",
    "django.middleware.common.CommonMiddleware",
    "channels_app.api.page_middleware.OriginsOfCookies",
    "channels_app.api.page_middleware.UsersOfCookies",
    "channels_app.api.page_middleware.MessagesOfPages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# It looks for Django's own class by name, not for what is made of it.
SILENCED_SYSTEM_CHECKS = ["security.W003"]

ROOT_URLCONF = "notifications_site.urls"
LOGIN_REDIRECT_URL = "admin:index"
WSGI_APPLICATION = "notifications_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "notifications_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": ENV.database("DATABASE_URL", f"sqlite:///{DATA_DIR}/db.sqlite3")
}
complete(DATABASES["default"], PROCESS_ROLE)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENV.url("REDIS_URL", "", {"redis", "rediss", "unix"})
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# django-q2 runs work and records nothing; docs/adr/0001 has the reasons for each value.
WORKERS = ENV.whole_number("WORKERS", 2, lowest=1)
DATABASE_QUEUE = {
    "orm": "default",
    "broker_class": "channels_app.tasks.database_queue.DatabaseQueue",
}
Q_CLUSTER = {
    "name": "notifications",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "timeout": 60,
    "retry": 300,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "guard_cycle": 0.5,
    "poll": 0.05,
    "recycle": 500,
    "ALT_CLUSTERS": {},
    "label": "django-q",
    **({"redis": REDIS_URL} if REDIS_URL else DATABASE_QUEUE),
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "channels_app.api.authentication.SignatureAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["channels_app.api.authentication.IsSigned"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["channels_app.api.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "channels_app.api.openapi.autoschema.ApiSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "channels_app.api.parsing.AnswersJSON",
    # OPTIONS tells what the document tells: nobody needs another form of it.
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "channels_app.api.errors.handle_exception",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Notifications",
    "VERSION": VERSION,
    "DESCRIPTION": DESCRIPTION,
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": ["channels_app.api.openapi.completion.complete"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [
    BASE_DIR / "notifications_site" / "locale",
    BASE_DIR / "notifications_site" / "locale_unfold",
]
FORMAT_MODULE_PATH = "notifications_site.formats"
TIME_ZONE = ENV.time_zone("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
# WhiteNoise warns of a folder that is not there; it may stay empty.
STATIC_ROOT = DATA_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True

SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
BEHIND_HTTPS = ENV.flag("BEHIND_HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = PAGE_POLICY
AUTH_PASSWORD_VALIDATORS = PASSWORD_RULES

LOG_LEVEL = ENV.choice("LOG_LEVEL", "INFO", LOG_LEVELS)
LOG_FORMAT = ENV.choice("LOG_FORMAT", "console", {"console", "json"})
LOGGING = logging_settings(LOG_LEVEL, LOG_FORMAT)

SCHEDULED_TASKS: list[str] = [
    "channels_app.services.housekeeping.SCHEDULED_TASKS",
    "diagnostics.services.backups.SCHEDULED_TASKS",
    "diagnostics.services.scheduled.SCHEDULED_TASKS",
]
REFERENCE_PAGES: list[str] = [
    "channels_app.management.reference.pages",
    "diagnostics.management.reference.pages",
]
# Apps further down are told where to look, not who they are looked after by.
TEMPLATE_RECENT_USES: str = "channels_app.selectors.template_uses.recent_uses"
UNFOLD = unfold_settings(VERSION)
