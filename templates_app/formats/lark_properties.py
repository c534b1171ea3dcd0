"""What the parts of a Lark card of schema 2.0 may hold: all else is an error there.

Checked against Lark's pages "card JSON 2.0 structure" and those of its components.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from templates_app.engine.problems import Problem, Severity, error, warning
from templates_app.formats.shapes import is_object

_TOP = frozenset({"schema", "config", "card_link", "header", "body"})
_PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "header": frozenset(
            {"title", "subtitle", "text_tag_list", "i18n_text_tag_list", "template"}
            | {"icon", "padding"}
        ),
        "body": frozenset(
            {"direction", "elements", "horizontal_align", "horizontal_spacing"}
            | {"padding", "vertical_align", "vertical_spacing"}
        ),
        "config": frozenset(
            {"enable_forward", "enable_forward_interaction", "locales"}
            | {"streaming_config", "streaming_mode", "style", "summary"}
            | {"update_multi", "use_custom_translation", "width_mode"}
        ),
    }
)
_EVERYWHERE = frozenset({"tag", "element_id", "margin", "fallback"})
# Elements with few enough properties to know them all. Lark's own examples hold some
# that its lists do not have, so what is unknown here is worth a warning only.
_OF_ELEMENTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "button": frozenset(
            {"type", "size", "width", "text", "icon", "hover_tips", "disabled"}
            | {"disabled_tips", "confirm", "behaviors", "name", "form_action_type"}
            | {"value", "url", "multi_url", "required"}
        ),
        "column": frozenset(
            {"background_style", "width", "weight", "horizontal_spacing"}
            | {"horizontal_align", "vertical_align", "vertical_spacing", "direction"}
            | {"padding", "action", "elements"}
        ),
        "column_set": frozenset(
            {"horizontal_spacing", "horizontal_align", "flex_mode"}
            | {"background_style", "action", "columns"}
        ),
        "div": frozenset({"width", "text", "fields", "icon"}),
        "hr": frozenset(),
        "img": frozenset(
            {"img_key", "alt", "title", "corner_radius", "scale_type", "size"}
            | {"transparent", "preview", "mode", "custom_width", "compact_width"}
        ),
        "markdown": frozenset({"content", "text_align", "text_size", "icon"}),
    }
)


def unknown_parts(card: dict[str, object]) -> Iterator[Problem]:
    """Report what a card, its header, body or config has no room for."""
    yield from _unknown(card, _TOP, "", Severity.ERROR)
    for name, known in _PARTS.items():
        part = card.get(name)
        if is_object(part):
            yield from _unknown(part, known, f"/{name}", Severity.ERROR)
    config = card.get("config")
    if is_object(config) and config.get("update_multi") is False:
        yield error(
            "lark_update_multi",
            _("A card of schema 2.0 is always shared."),
            _('Take "update_multi" away, or write true.'),
            "/config/update_multi",
        )


def unknown_in_element(
    element: dict[str, object], tag: str, where: str
) -> Iterator[Problem]:
    """Warn of what an element probably has no room for."""
    known = _OF_ELEMENTS.get(tag)
    if known is not None:
        yield from _unknown(element, known | _EVERYWHERE, where, Severity.WARNING)


def _unknown(
    part: dict[str, object], known: frozenset[str], where: str, severity: Severity
) -> Iterator[Problem]:
    report = error if severity is Severity.ERROR else warning
    for name in sorted(part.keys() - known):
        if name.startswith("i18n_") and where.count("/") > 1:
            continue
        remedy = _("Take it away. Known here: %(names)s.") % {
            "names": ", ".join(sorted(known))
        }
        if not where and name in {"elements", "i18n_elements"}:
            remedy = _("In a card of schema 2.0 the elements stand in body.elements.")
        message = _("A card of schema 2.0 has no “%(name)s” here.") % {"name": name}
        yield report("lark_property_unknown", message, remedy, f"{where}/{name}")
