"""Looking something up by a key that is a variable."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of(mapping: Mapping, key: object) -> object:
    """What `mapping` holds for `key`, empty when nothing: `{{ problems|of:row.pk }}`."""
    return mapping.get(key, "")
