"""Texts that are hard to show as they are: marks, tags, pings, scripts, controls."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from channels_app.senders.pieces import is_blank

HARD = [
    *"*_~`[]()<>#+-=|{}.!\\&\"' \n\t",
    *("\r\n", "\n\n", "```", "](", "\n>", "**", "||", "${x}", "{{v}}", "{%", "%}"),
    *('<at user_id="all">all</at>', "<at id=all></at>", "<a", "<!channel>", "<@U1>"),
    *(
        "</script>",
        "<b>",
        "&amp;",
        "&lt;",
        "&#60;",
        "\\u003c",
        "https://e.org/?a=1&b=2",
    ),
    *(
        "שלום",
        "\u202e",
        "\u2028",
        "👩‍👩‍👧",
        "🇩🇪",
        "e\u0301",
        "张三",
        ":OK:",
        "\0",
        "\x1b",
    ),
]
TEXTS = (
    st.lists(
        st.sampled_from(HARD) | st.text(st.characters(codec="utf-8"), max_size=6),
        min_size=1,
        max_size=12,
    )
    .map("".join)
    .filter(lambda text: not is_blank(text))
)
# The engine writes U+FFFD for NUL, which PostgreSQL cannot store.
VALUES = TEXTS.filter(lambda text: "\0" not in text)
LONG_BYTES = 10_000
bounded = settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
fewer = settings(bounded, max_examples=15)


def long(text: str) -> str:
    many = text * (LONG_BYTES // len(text.encode()) + 1)
    return many.encode()[:LONG_BYTES].decode(errors="ignore")


def squeezed(text: str) -> str:
    return "".join(text.split())
