"""Form fields of the metrics app."""

from decimal import Decimal

from django import forms

from metrics.numbers import MAX_LENGTH, NumberError, number_text, parse_number


class NumberField(forms.CharField):
    """A number by the one parser (numbers.py): cleans to Decimal, or None where it is not required
    and empty.

    `unit` is shown behind the input by the template (`field.field.unit`); it never is part of the
    text.
    """

    def __init__(self, *, unit: str = "", **kwargs: object) -> None:
        kwargs.setdefault("max_length", MAX_LENGTH)
        super().__init__(strip=False, **kwargs)  # type: ignore[arg-type]
        self.unit = unit

    def prepare_value(self, value: object) -> object:
        return number_text(value) if isinstance(value, Decimal) else value

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, Decimal):
            value = number_text(value)
        text = super().to_python(value)
        if not text or (len(text) <= MAX_LENGTH and not text.strip()):
            return None
        try:
            return parse_number(text)
        except NumberError as error:
            raise forms.ValidationError(str(error), code=error.code) from error

    def run_validators(self, value: object) -> None:
        """Nothing further: the length was checked first, by the parser, and CharField's checks want
        text.
        """

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except forms.ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, object]:
        attrs = super().widget_attrs(widget)
        return {**attrs, "inputmode": "decimal", "autocomplete": "off"}
