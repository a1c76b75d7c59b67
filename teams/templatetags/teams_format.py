"""How templates print what the app keeps as programs say it."""

from __future__ import annotations

from django import template

from teams.browsers import browser_name

register = template.Library()
register.filter("browser", browser_name)
