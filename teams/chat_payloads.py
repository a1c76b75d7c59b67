"""What is posted to a chat, in the words of its program. Pure.

Nothing of what people typed is read as markup: no link, no mention, no bold that we did not make.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SHOWN = 20
LONGEST = 2000


class Line(NamedTuple):
    """One message: what happened, more about it, and where it is shown ("" nowhere)."""

    subject: str
    body: str
    link: str


def slack_payload(lines: Sequence[Line]) -> dict:
    """For an incoming webhook of Slack: a section for each message."""
    sections = [
        {"type": "section", "text": {"type": "mrkdwn", "text": _slack_text(one)}}
        for one in lines[:SHOWN]
    ]
    if more := _more(lines):
        sections.append({"type": "section", "text": {"type": "plain_text", "text": more}})
    return {
        "text": _slack_escaped(_summary(lines)),
        "blocks": sections,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _slack_text(line: Line) -> str:
    subject = _slack_escaped(line.subject)
    head = f"<{line.link}|{subject.replace('|', '¦')}>" if line.link else subject
    return f"{head}\n{_slack_escaped(line.body)}".strip()[:LONGEST]


def _slack_escaped(text: str) -> str:
    """Slack reads `&`, `<` and `>` as markup, and these few marks around words."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "*_~`":
        text = text.replace(mark, f"\u200b{mark}\u200b")
    return text


def teams_payload(lines: Sequence[Line]) -> dict:
    """For a workflow of Microsoft Teams: an adaptive card whose texts are plain runs."""
    blocks: list[dict] = []
    for one in lines[:SHOWN]:
        head = {"type": "TextRun", "text": one.subject[:LONGEST], "weight": "Bolder"}
        if one.link:
            head["selectAction"] = {"type": "Action.OpenUrl", "url": one.link}
        blocks.append({"type": "RichTextBlock", "inlines": [head], "spacing": "Medium"})
        if one.body:
            run = {"type": "TextRun", "text": one.body[:LONGEST]}
            blocks.append({"type": "RichTextBlock", "inlines": [run], "spacing": "None"})
    if more := _more(lines):
        blocks.append({"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": more}]})
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "summary": _summary(lines), "attachments": [attachment]}


def _summary(lines: Sequence[Line]) -> str:
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"{lines[0].subject}{more}"


def _more(lines: Sequence[Line]) -> str:
    return f"and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""


PAYLOADS = {"slack": slack_payload, "teams": teams_payload}
