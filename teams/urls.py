"""Routes of the person, inbox and profile, and of the people of an organisation."""

from django.urls import path

from teams import (
    views,
    views_audit,
    views_invitations,
    views_members,
    views_mentions,
    views_people,
    views_roster,
    views_tree,
)

app_name = "teams"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.inbox_read, name="inbox_read"),
    path("profile/", views.profile, name="profile"),
    path("profile/sessions/<int:pk>/end/", views.session_end, name="session_end"),
    path("organisation/audit/", views_audit.audit_list, name="audit_list"),
    path("organisation/audit/changes.csv", views_audit.audit_export, name="audit_export"),
    path("organisation/people/", views_people.people_list, name="people_list"),
    path("organisation/people/import/", views_roster.roster, name="roster"),
    path("organisation/teams/", views_tree.tree, name="tree"),
    path("organisation/teams/new/", views_tree.team_create, name="team_create"),
    path("organisation/teams/<int:pk>/", views_tree.team_edit, name="team_edit"),
    path("organisation/teams/<int:pk>/move/", views_tree.team_move, name="team_move"),
    path("organisation/teams/<int:pk>/lead/", views_members.team_lead, name="team_lead"),
    path("organisation/teams/<int:pk>/restore/", views_tree.team_restore, name="team_restore"),
    path(
        "organisation/people/invite/",
        views_invitations.invitation_create,
        name="invitation_create",
    ),
    path(
        "organisation/invitations/<int:pk>/resend/",
        views_invitations.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "organisation/invitations/<int:pk>/revoke/",
        views_invitations.invitation_revoke,
        name="invitation_revoke",
    ),
    path(
        "invitations/<str:secret>/", views_invitations.invitation_accept, name="invitation_accept"
    ),
    path("teams/<int:pk>/people/", views_members.team_people, name="team_people"),
    path("teams/<int:pk>/mentions/", views_mentions.mention_list, name="mention_list"),
    path("organisation/people/<int:pk>/", views_people.person_edit, name="person_edit"),
    path("organisation/people/<int:pk>/row/", views_people.person_row, name="person_row"),
    path("organisation/people/<int:pk>/link/", views_people.person_link, name="person_link"),
    path("organisation/people/<int:pk>/return/", views_people.person_return, name="person_return"),
]
