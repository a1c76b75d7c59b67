"""The kinds of source: one small module each, saying what the pages need to know about it."""

from __future__ import annotations

from types import ModuleType

from metrics.sources import csv_upload, manual

KINDS: dict[str, ModuleType] = {module.KIND: module for module in (manual, csv_upload)}


def source_kind(kind: str | None) -> ModuleType:
    """The module of a kind; a KPI without a source is typed in by hand."""
    return KINDS.get(kind or manual.KIND, manual)
