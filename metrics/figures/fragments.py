"""The one place where a figure's own fragments are declared safe."""

from django.utils.safestring import SafeString


def numbers_only(markup: str) -> SafeString:
    """Declare markup safe that was built here from numbers and literals; never pass words in."""
    return SafeString(markup)


def pixel(value: float) -> str:
    """Return a coordinate with at most one decimal: `5`, `16.1`."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text
