"""Writes about organisations, teams and people that span rows."""

from teams.actions.invitations import InvitationClosed, accept, invite, resend, revoke
from teams.actions.organisation import (
    SettingsChanged,
    change_organisation,
    create_organisation,
)
from teams.actions.people import LastAdmin, change_roles, deactivate, set_role, take_back

__all__ = [
    "InvitationClosed",
    "LastAdmin",
    "SettingsChanged",
    "accept",
    "change_organisation",
    "change_roles",
    "create_organisation",
    "deactivate",
    "invite",
    "resend",
    "revoke",
    "set_role",
    "take_back",
]
