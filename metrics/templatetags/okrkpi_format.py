"""The marks templates need without a view: icons and the quarter ruler."""

from django import template
from django.utils.safestring import SafeString

from metrics import figures
from metrics.figures.ruler import Ruler

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of our icons: `{% icon "s-flag" %}`."""
    return figures.icon(name)


@register.simple_tag
def quarter_ruler(ruler: dict) -> Ruler:
    """Return the drawn ruler of the context's `ruler`: `{% quarter_ruler ruler as quarter %}`."""
    return figures.ruler(ruler["label"], ruler["start"], ruler["end"], ruler["today"])


@register.simple_tag
def status(state: str, age: str = "") -> SafeString:
    """Show a state with its shape, word and age: `{% status "on_track" %}`."""
    return figures.status_mark(state, age)


@register.simple_tag
def loop_mark(step: int) -> SafeString:
    """Draw where a KPI stands in the loop: `{% loop_mark 2 %}`."""
    return figures.loop_mark(step)
