"""What pages may load and do, and which passwords are good enough: parts of the settings."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE

PAGE_POLICY = {
    # django-unfold's Alpine evaluates expressions and sets styles.
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
        "base-uri": [SELF],
    }
}
PASSWORD_RULES = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
