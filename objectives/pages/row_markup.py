"""The row of a key result at rest without a template: lists of many rows are made of these.

The same markup as `_kr_row.html` gives, to which a test holds it; one `format_html` a row costs a
fraction of rendering a template (performance.md 4).
"""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures import icon
from objectives.pages.rows import RowView

_ROW = """<li class="row" id="{root}">
  <span class="row-lens" data-lens="okr" title="Key result">{flag}<span class="vh">Key result</span></span>
  <div class="row-what"><a href="{url}" dir="auto">{title}</a><span class="sub" dir="auto">{sub}</span></div>
  <div class="row-now"><span class="big">{now}</span><span class="sub num">{now_sub}</span></div>
  <div class="row-fig">{rail}<span class="sub num">{rail_sub}</span></div>
  <div class="row-conf">{confidence}<span class="sub">{status}</span>{said}</div>
  <div class="row-act">{act}</div>
</li>"""  # noqa: E501
_ACT = (
    '<a class="btn" href="{url}" hx-get="{url}" hx-target="#{root}" hx-swap="outerHTML">Update'
    '<span class="vh"> {title}</span></a>'
)
_SAID = '<span class="sub">{}</span>'


def rest_row(row: RowView) -> SafeString:
    """The markup of one row at rest."""
    act: SafeString | str = ""
    if row.check_in_url:
        act = format_html(_ACT, url=row.check_in_url, root=row.root, title=row.title)
    return format_html(
        _ROW,
        root=row.root,
        flag=icon("s-flag"),
        url=row.key_result.get_absolute_url(),
        title=row.title,
        sub=row.sub,
        now=row.now,
        now_sub=row.now_sub,
        rail=row.rail,
        rail_sub=row.rail_sub,
        confidence=row.confidence,
        status=row.status,
        said=format_html(_SAID, row.said) if row.said else "",
        act=act,
    )
