"""What people say about an upload: the file, what its columns mean, and why values change."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from metrics import import_files
from metrics.csv_columns import Column
from metrics.csv_mapping import Mapping, Pick
from metrics.csv_proposing import Proposal, Unanswered, proposal_for, settle
from metrics.kinds import Aggregation
from metrics.models import Kpi

NO_COLUMN = ""
EVERY_ROW = ""
SHOWN = 36


class UploadForm(forms.Form):
    """A file, for one KPI of the team or for several."""

    file = forms.FileField(
        label="CSV file",
        help_text="As your spreadsheet or system exports it. Nothing is saved before a dry run.",
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
    )
    kpi = forms.ModelChoiceField(
        Kpi.objects.none(), label="KPI", required=False, empty_label="Several, by its columns"
    )

    def __init__(self, *args, kpis: list[Kpi], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kpi"].queryset = Kpi.objects.filter(pk__in=[kpi.pk for kpi in kpis])

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        limit = import_files.limits().max_bytes
        if file.size > limit:
            megabytes = f"{limit / 1_000_000:.0f}\u00a0MB"
            raise ValidationError(f"The file is larger than {megabytes}. Split it by years.")
        return file


class ColumnsForm(forms.Form):
    """Which column is the date, which cells are values of which KPI, and what the file leaves open.

    A question about the chosen columns is a field without a first choice: it is answered, not
    guessed. Valid, it has the `mapping`.
    """

    empty_withdraws = forms.BooleanField(
        label="An empty cell takes back the stored value", required=False
    )

    def __init__(
        self, data=None, *, proposal: Proposal, kpis: list[Kpi], fiscal_month: int, **kwargs
    ) -> None:
        super().__init__(data, **kwargs)
        self.proposal = proposal
        self.kpis = kpis
        self.mapping: Mapping | None = None
        self._add_columns()
        self.settled = proposal_for(proposal.columns, *self._chosen(), fiscal_month)
        for question in self.settled.questions:
            self.fields[question.key] = forms.ChoiceField(
                label=question.sentence, choices=question.choices, widget=forms.RadioSelect
            )
        self.order_fields(["stamp", *[n for n in self.fields if n not in _LAST], *_LAST])

    def rows(self) -> list[dict]:
        """The fields of each KPI, side by side."""
        return [
            {
                "kpi": kpi,
                "value": self[f"value_{kpi.pk}"],
                "where": self[f"where_{kpi.pk}"],
                "below": self[f"below_{kpi.pk}"] if f"below_{kpi.pk}" in self.fields else None,
            }
            for kpi in self.kpis
        ]

    def questions(self) -> list[forms.BoundField]:
        """The fields of what the file leaves open."""
        return [self[question.key] for question in self.settled.questions]

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.settled.picks and not self.errors:
            raise ValidationError("Choose the column of at least one KPI.")
        if self.errors:
            return cleaned
        answers = {q.key: cleaned[q.key] for q in self.settled.questions}
        external_id = cleaned.get("external_id")
        try:
            self.mapping = settle(
                self.settled,
                answers,
                empty_withdraws=cleaned["empty_withdraws"],
                external_id=int(external_id) if external_id else None,
            )
        except Unanswered as error:
            raise ValidationError(str(error)) from error
        return cleaned

    def _add_columns(self) -> None:
        columns = self.proposal.columns
        stamps = [c for c in columns if c.is_stamp] or columns
        self.fields["stamp"] = forms.ChoiceField(
            label="Date or period", choices=_names(stamps), initial=self.proposal.stamp
        )
        numbers = [c for c in columns if c.is_number] or columns
        picked = {pick.kpi: pick for pick in self.proposal.picks}
        for kpi in self.kpis:
            pick = picked.get(kpi.pk)
            self._add_kpi(kpi, pick, numbers, _row_choices(columns))
        self.fields["external_id"] = forms.ChoiceField(
            label="Id of the source",
            choices=[(NO_COLUMN, "None"), *_names(columns)],
            required=False,
            help_text="Only where the export names each value by an id of its own.",
        )

    def _add_kpi(self, kpi: Kpi, pick: Pick | None, numbers: list[Column], rows: list) -> None:
        self.fields[f"value_{kpi.pk}"] = forms.ChoiceField(
            label=f"Values of {kpi.name}",
            choices=[(NO_COLUMN, "Not in this file"), *_names(numbers)],
            required=False,
            initial=pick.value if pick else NO_COLUMN,
        )
        self.fields[f"where_{kpi.pk}"] = forms.ChoiceField(
            label=f"Rows of {kpi.name}",
            choices=[(EVERY_ROW, "Every row"), *rows],
            required=False,
            initial=_where_id(pick.where) if pick and pick.where else EVERY_ROW,
        )
        if kpi.aggregation == Aggregation.RATIO:
            self.fields[f"below_{kpi.pk}"] = forms.ChoiceField(
                label=f"Divided by, for {kpi.name}",
                choices=[(NO_COLUMN, "Nothing"), *_names(numbers)],
                required=False,
                initial=pick.denominator if pick and pick.denominator is not None else NO_COLUMN,
            )

    def _chosen(self) -> tuple[int | None, tuple[Pick, ...]]:
        """The columns as sent, or as proposed; an unknown choice is left to its field."""
        if not self.is_bound:
            return self.proposal.stamp, self.proposal.picks
        picks = []
        for kpi in self.kpis:
            value = self._column(f"value_{kpi.pk}")
            if value is not None:
                where = _where_from_id(self.data.get(f"where_{kpi.pk}", ""), self.proposal.columns)
                picks.append(Pick(kpi.pk, value, where, self._column(f"below_{kpi.pk}")))
        return self._column("stamp"), tuple(picks)

    def _column(self, name: str) -> int | None:
        sent = self.data.get(name, "")
        known = {str(column.index) for column in self.proposal.columns}
        return int(sent) if name in self.fields and sent in known else None


class CommitForm(forms.Form):
    """The reason for changing values that are stored; none is needed where all are new."""

    reason = forms.CharField(
        label="Reason", max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args, changed: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = bool(changed)


_LAST = ("external_id", "empty_withdraws")


def _names(columns: list[Column]) -> list[tuple[int, str]]:
    return [(column.index, _short(column.name)) for column in columns]


def _short(text: str) -> str:
    """A heading or a cell as a choice shows it."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _row_choices(columns: list[Column]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rows to choose by each column of names, grouped under the column."""
    return [
        (
            _short(column.name),
            [(_where_id((column.index, text)), _short(text)) for text in sorted(column.texts)],
        )
        for column in columns
        if column.is_names and not (column.is_number and len(column.texts) > 12)
    ]


def _where_id(where: tuple[int, str]) -> str:
    return f"{where[0]}={where[1]}"


def _where_from_id(text: str, columns: list[Column]) -> tuple[int, str] | None:
    index, mark, cell = text.partition("=")
    known = mark and index.isdecimal() and int(index) < len(columns)
    return (int(index), cell) if known and cell in columns[int(index)].texts else None
