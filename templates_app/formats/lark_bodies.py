"""Lark's message bodies but for cards: text, post, image, share_chat."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, error
from templates_app.formats.shapes import (
    is_object,
    is_open,
    missing_part,
    not_a_list,
    not_a_text,
    open_part,
)

# What each msg_type must hold inside `content`, and how that begins.
CONTENT_PARTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "text": ("text", ""),
        "post": ("post", ""),
        "image": ("image_key", "img_"),
        "share_chat": ("share_chat_id", "oc_"),
    }
)
_NODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("text",),
        "a": ("text", "href"),
        "at": ("user_id",),
        "img": ("image_key",),
    }
)
_LANGUAGE = re.compile(r"[a-z]{2}_[a-z]{2}")


def content_problems(body: dict[str, object], msg_type: str) -> Iterator[Problem]:
    """Report what is missing from `content`, or wrong in it."""
    content = body.get("content")
    part, beginning = CONTENT_PARTS[msg_type]
    where = f"/content/{part}"
    if is_open(content):
        yield open_part("/content")
    elif not is_object(content) or not content.get(part):
        yield missing_part(where, f'"content": {{"{part}": …}}')
    elif msg_type == "post":
        yield from _post_problems(content["post"])
    else:
        yield from _key_problems(content[part], beginning, where)


def _key_problems(value: object, beginning: str, where: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield not_a_text(where)
    elif value.startswith(beginning):
        return
    elif value.startswith(("{{", "{%")):
        yield open_part(where)
    else:
        yield error(
            "lark_key_invalid",
            _("A key of Lark begins with “%(beginning)s” here.")
            % {"beginning": beginning},
            _("Copy the key that Lark gave out."),
            where,
        )


def _post_problems(post: object) -> Iterator[Problem]:
    if is_open(post):
        yield open_part("/content/post")
        return
    if not is_object(post):
        yield missing_part("/content/post/en_us", '"en_us": {"content": [[…]]}')
        return
    for language, page in post.items():
        where = f"/content/post/{language}"
        if not _LANGUAGE.fullmatch(language):
            yield error(
                "lark_language_unknown",
                _("“%(name)s” is no language of Lark.") % {"name": language[:40]},
                _("Use zh_cn, en_us, ja_jp or another of this form."),
                where,
            )
        yield from _page_problems(page, where)


def _page_problems(page: object, where: str) -> Iterator[Problem]:
    if is_open(page):
        yield open_part(where)
        return
    if not is_object(page) or "content" not in page:
        example = '"content": [[{"tag": "text", "text": "…"}]]'
        yield missing_part(f"{where}/content", example)
        return
    if not isinstance(page.get("title", ""), str):
        yield from _key_problems(page["title"], "", f"{where}/title")
    lines = page["content"]
    if not isinstance(lines, list):
        at = f"{where}/content"
        yield open_part(at) if is_open(lines) else not_a_list(at)
        return
    for number, line in enumerate(lines):
        yield from _line_problems(line, f"{where}/content/{number}")


def _line_problems(line: object, where: str) -> Iterator[Problem]:
    if is_open(line):
        yield open_part(where)
    elif not isinstance(line, list):
        yield not_a_list(where)
    else:
        for index, node in enumerate(line):
            yield from _node_problems(node, f"{where}/{index}")


def _node_problems(node: object, where: str) -> Iterator[Problem]:
    if is_open(node):
        yield open_part(where)
        return
    tag = node.get("tag") if is_object(node) else None
    fields = _NODES.get(tag) if isinstance(tag, str) else None
    if not is_object(node) or fields is None:
        yield error(
            "lark_tag_unknown",
            _("Lark knows no such part of a line."),
            _("Use one of the tags: %(names)s.") % {"names": ", ".join(_NODES)},
            f"{where}/tag",
        )
        return
    for name in fields:
        if not isinstance(node.get(name), str):
            yield missing_part(f"{where}/{name}", f'"{name}": "…"')
