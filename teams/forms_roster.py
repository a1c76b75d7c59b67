"""A table of teams and people, as a file or carried on from its dry run."""

from __future__ import annotations

from django import forms

MAX_BYTES = 1_000_000


class RosterForm(forms.Form):
    """A CSV file; `text` carries what was read of it from the dry run to the import."""

    file = forms.FileField(
        label="CSV file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"empty": "This file is empty. Choose the one with the table."},
    )
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def clean(self) -> dict:
        said = super().clean()
        if said.get("file"):
            said["text"] = self._read(said["file"])
        if not said.get("text") and "file" in said:
            self.add_error("file", "Choose a file.")
        elif len(said.get("text") or "") > MAX_BYTES:
            self.add_error("file", "At most 1 MB. Split the table.")
        return said

    def _read(self, file) -> str:
        """The text of the file: UTF-8, or what Excel writes where it is not."""
        if file.size > MAX_BYTES:
            self.add_error("file", "At most 1 MB. Split the table.")
            return ""
        raw = file.read()
        if b"\0" in raw:
            self.add_error("file", "This is no text. Save the sheet as CSV first.")
            return ""
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return raw.decode("cp1252", errors="replace")
