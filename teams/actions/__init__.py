"""Writes about organisations, teams and people that span rows."""

from teams.actions.invitations import InvitationClosed, accept, invite, resend, revoke
from teams.actions.organisation import (
    SettingsChanged,
    change_organisation,
    create_organisation,
)
from teams.actions.people import (
    CameIn,
    LastAdmin,
    LastLead,
    TeamIsLed,
    change_members,
    change_roles,
    deactivate,
    is_awaited,
    make_first_link,
    name_lead,
    set_role,
    take_back,
)
from teams.actions.roster import RosterRefused, import_roster, known_to
from teams.actions.tree import (
    TeamInUse,
    TeamLoop,
    change_team,
    close_team,
    create_team,
    restore_team,
)

__all__ = [
    "CameIn",
    "InvitationClosed",
    "LastAdmin",
    "LastLead",
    "RosterRefused",
    "SettingsChanged",
    "TeamInUse",
    "TeamIsLed",
    "TeamLoop",
    "accept",
    "change_members",
    "change_organisation",
    "change_roles",
    "change_team",
    "close_team",
    "create_organisation",
    "create_team",
    "deactivate",
    "import_roster",
    "invite",
    "is_awaited",
    "known_to",
    "make_first_link",
    "name_lead",
    "resend",
    "restore_team",
    "revoke",
    "set_role",
    "take_back",
]
