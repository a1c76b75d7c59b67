"""The access table: every route × method × role, and what each is answered.

Roles: `anonymous`; `foreign` (another organisation); `stranger` (same organisation, other team);
`viewer`, `member`, `lead` of the team; `admin` (organisation admin outside the team).
A cell is a status code, or OK = the request got past the guards (a page, a redirect elsewhere than
sign-in, 422 for the empty form the test posts, 409). Methods that a route does not list must be
answered 405. Routes with `private=True` in `Route` are asked again about an object of a private
team, where everybody outside the team must get 404.
"""

from tests.project.access_cells import (
    ADMIN,
    LEAD,
    MEMBER,
    OK,
    PUBLIC,
    READ,
    SHARER,
    SIGNED_IN,
    TEAM_ADMIN,
    THE_TWO,
    Route,
    cells,
)
from tests.project.access_sign_in import SIGNING_IN

ACCESS: dict[str, Route] = SIGNING_IN | {
    # for supervisors and load balancers
    "healthz": Route("/healthz", {"GET": PUBLIC}, private=False),
    "readyz": Route("/readyz", {"GET": PUBLIC}, private=False),
    "metrics": Route(
        "/metrics", {"GET": cells(403, 403, 403, 403, 403, OK, anonymous=403)}, private=False
    ),
    # the jobs
    "job_list": Route("/organisation/jobs/", {"GET": ADMIN}, private=False),
    "job_run": Route("/organisation/jobs/sweep/run/", {"POST": ADMIN}, private=False),
    "job_dry_run": Route("/organisation/jobs/sweep/dry-run/", {"POST": ADMIN}, private=False),
    "job_items_retry": Route("/organisation/jobs/kpis/retry/", {"POST": ADMIN}, private=False),
    "job_item_retry": Route(
        "/organisation/jobs/messages/{stuck_message}/retry/", {"POST": ADMIN}, private=False
    ),
    "job_item_park": Route(
        "/organisation/jobs/messages/{stuck_message}/park/", {"POST": ADMIN}, private=False
    ),
    # the person
    "home": Route("/", {"GET": SIGNED_IN}, private=False),
    "teams:profile": Route("/profile/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False),
    "message_settings": Route(
        "/profile/messages/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "unsubscribe": Route(
        "/unsubscribe/{unsubscribe}/", {"GET": PUBLIC, "POST": PUBLIC}, private=False
    ),
    "teams:inbox": Route("/inbox/", {"GET": SIGNED_IN}, private=False),
    "teams:inbox_read": Route("/inbox/read/", {"POST": SIGNED_IN}, private=False),
    # chats that are told
    "organisation_chat": Route("/organisation/chat/", {"GET": ADMIN, "POST": ADMIN}, private=False),
    "team_chat": Route("/teams/{team}/chat/", {"GET": LEAD, "POST": LEAD}),
    # the people of a team, for its leads; and of a private one nobody is in, for administrators
    "teams:team_people": Route("/teams/{team}/people/", {"GET": LEAD, "POST": LEAD}),
    "teams:team_lead": Route(
        "/organisation/teams/{abandoned}/lead/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    # whom a text about the team may mention
    "teams:mention_list": Route("/teams/{team}/mentions/", {"GET": MEMBER}),
    # a person's calendar, for whoever has its address
    "reviews:calendar": Route(
        "/profile/calendar/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "reviews:calendar_feed": Route("/calendar/{calendar}.ics", {"GET": PUBLIC}, private=False),
    # the organisation's settings
    "objectives:organisation": Route(
        "/organisation/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    # the way in
    "objectives:first_steps": Route("/first-steps/", {"GET": ADMIN}, private=False),
    "objectives:first_steps_close": Route("/first-steps/close/", {"POST": ADMIN}, private=False),
    "objectives:first_steps_reopen": Route("/first-steps/open/", {"POST": ADMIN}, private=False),
    "reviews:demo": Route("/organisation/demo/", {"GET": ADMIN, "POST": ADMIN}, private=False),
    "reviews:pilot": Route("/organisation/pilot/", {"GET": ADMIN, "POST": ADMIN}, private=False),
    "reviews:pilot_widen": Route("/organisation/pilot/widen/", {"POST": ADMIN}, private=False),
    "reviews:pilot_end": Route("/organisation/pilot/end/", {"POST": ADMIN}, private=False),
    # reading about it
    "objectives:glossary": Route("/glossary/", {"GET": SIGNED_IN}, private=False),
    "objectives:lessons": Route("/lessons/", {"GET": SIGNED_IN}, private=False),
    "objectives:lesson_today": Route("/lessons/today/", {"GET": SIGNED_IN}, private=False),
    "objectives:lesson_mute": Route("/lessons/mute/", {"POST": SIGNED_IN}, private=False),
    # the audit record
    "teams:audit_list": Route("/organisation/audit/", {"GET": ADMIN}, private=False),
    "teams:audit_export": Route("/organisation/audit/changes.csv", {"GET": ADMIN}, private=False),
    # the people of the organisation
    "teams:people_list": Route("/organisation/people/", {"GET": ADMIN}, private=False),
    "teams:person_edit": Route(
        "/organisation/people/{colleague}/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "teams:person_row": Route(
        "/organisation/people/{colleague}/row/", {"GET": ADMIN}, private=False
    ),
    "teams:person_link": Route(
        "/organisation/people/{colleague}/link/", {"POST": ADMIN}, private=False
    ),
    "teams:person_return": Route(
        "/organisation/people/{colleague}/return/", {"POST": ADMIN}, private=False
    ),
    "teams:roster": Route(
        "/organisation/people/import/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "teams:tree": Route("/organisation/teams/", {"GET": ADMIN}, private=False),
    "teams:team_create": Route(
        "/organisation/teams/new/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "teams:team_edit": Route(
        "/organisation/teams/{team}/", {"GET": TEAM_ADMIN, "POST": TEAM_ADMIN}
    ),
    "teams:team_move": Route(
        "/organisation/teams/{team}/move/", {"GET": TEAM_ADMIN, "POST": TEAM_ADMIN}
    ),
    "teams:team_restore": Route("/organisation/teams/{team}/restore/", {"POST": TEAM_ADMIN}),
    "reviews:team_archive": Route(
        "/organisation/teams/{team}/archive/", {"GET": TEAM_ADMIN, "POST": TEAM_ADMIN}
    ),
    "reviews:team_merge": Route(
        "/organisation/teams/{team}/merge/", {"GET": TEAM_ADMIN, "POST": TEAM_ADMIN}
    ),
    "teams:invitation_create": Route(
        "/organisation/people/invite/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "teams:invitation_resend": Route(
        "/organisation/invitations/{invitation}/resend/", {"POST": ADMIN}, private=False
    ),
    "teams:invitation_revoke": Route(
        "/organisation/invitations/{invitation}/revoke/", {"POST": ADMIN}, private=False
    ),
    "teams:invitation_accept": Route(
        "/invitations/{invitation_secret}/", {"GET": PUBLIC, "POST": PUBLIC}, private=False
    ),
    "reviews:person_leave": Route(
        "/organisation/people/{colleague}/leave/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "metrics:cadence_policies": Route(
        "/organisation/cadences/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "metrics:cadence_create": Route("/organisation/cadences/new/", {"POST": ADMIN}, private=False),
    "metrics:cadence_rename": Route(
        "/organisation/cadences/{cadence}/name/", {"POST": ADMIN}, private=False
    ),
    "metrics:cadence_remove": Route(
        "/organisation/cadences/{cadence}/remove/", {"POST": ADMIN}, private=False
    ),
    # the person's week
    "objectives:my_week": Route("/my-week/", {"GET": SIGNED_IN}, private=False),
    "objectives:week_plan": Route(
        "/my-week/plan/{monday}/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "objectives:week_ahead": Route(
        "/my-week/ahead/{monday}/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "objectives:week_outcome": Route(
        "/my-week/outcome/{monday}/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "objectives:week_square": Route(
        "/my-week/squares/priority/", {"GET": SIGNED_IN}, private=False
    ),
    "objectives:week_value_row": Route("/my-week/kpis/{kpi}/", {"GET": MEMBER}),
    "objectives:week_value_edit": Route(
        "/my-week/kpis/{kpi}/values/{day}/edit/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "objectives:week_value_fill": Route(
        "/my-week/kpis/{kpi}/values/fill/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "objectives:value_grid": Route(
        "/my-week/grid/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "objectives:value_grid_paste": Route(
        "/my-week/grid/paste/", {"POST": SIGNED_IN}, private=False
    ),
    "objectives:team_card": Route("/teams/{team}/card/"),
    # teams and KPIs
    "objectives:team_list": Route("/teams/", {"GET": SIGNED_IN}, private=False),
    "objectives:team_detail": Route("/teams/{team}/"),
    "metrics:kpi_create": Route("/teams/{team}/kpis/new/", {"GET": LEAD, "POST": LEAD}),
    "metrics:library": Route("/teams/{team}/kpis/library/", {"GET": LEAD, "POST": LEAD}),
    "metrics:kpi_detail": Route("/kpis/{kpi}/"),
    "metrics:kpi_periods": Route("/kpis/{kpi}/periods/"),
    "metrics:kpi_edit": Route("/kpis/{kpi}/edit/", {"GET": LEAD, "POST": LEAD}),
    "metrics:kpi_policy": Route("/kpis/{kpi}/policy/", {"GET": READ, "POST": LEAD}),
    "metrics:target_list": Route("/kpis/{kpi}/targets/", {"GET": READ, "POST": LEAD}),
    "metrics:target_withdraw": Route("/kpis/{kpi}/targets/withdraw/", {"GET": LEAD, "POST": LEAD}),
    "metrics:limits_rebase": Route("/kpis/{kpi}/limits/", {"GET": LEAD, "POST": LEAD}),
    "metrics:value_row": Route("/kpis/{kpi}/values/{day}/", {"GET": MEMBER}),
    "metrics:value_edit": Route("/kpis/{kpi}/values/{day}/edit/", {"GET": MEMBER, "POST": MEMBER}),
    "metrics:value_fill": Route("/kpis/{kpi}/values/fill/", {"GET": MEMBER, "POST": MEMBER}),
    "metrics:period_exclude": Route(
        "/kpis/{kpi}/periods/{day}/exclude/", {"GET": LEAD, "POST": LEAD}
    ),
    "metrics:period_include": Route(
        "/kpis/{kpi}/periods/{day}/include/", {"GET": LEAD, "POST": LEAD}
    ),
    # uploads
    "metrics:import_create": Route("/teams/{team}/imports/", {"GET": MEMBER, "POST": MEMBER}),
    "metrics:import_detail": Route("/imports/{import}/", {"GET": MEMBER}),
    "metrics:import_columns": Route("/imports/{import}/columns/", {"GET": MEMBER, "POST": MEMBER}),
    "metrics:import_commit": Route("/imports/{import}/import/", {"POST": MEMBER}),
    "metrics:import_cancel": Route("/imports/{import}/cancel/", {"POST": MEMBER}),
    # signals and their answers
    "metrics:signal_list": Route("/signals/", {"GET": SIGNED_IN}, private=False),
    "objectives:signal_detail": Route("/signals/{signal}/"),
    "objectives:signal_acknowledge": Route("/signals/{signal}/acknowledge/", {"POST": LEAD}),
    "objectives:signal_snooze": Route("/signals/{signal}/snooze/", {"POST": LEAD}),
    "objectives:signal_accept": Route("/signals/{signal}/accept/", {"POST": LEAD}),
    "objectives:signal_fix_data": Route("/signals/{signal}/fix-data/", {"POST": LEAD}),
    "objectives:signal_revise_target": Route("/signals/{signal}/revise-target/", {"POST": LEAD}),
    "objectives:signal_dismiss": Route("/signals/{signal}/dismiss/", {"POST": LEAD}),
    "objectives:signal_draft": Route("/signals/{signal}/draft/", {"POST": LEAD}),
    "objectives:signal_draft_hints": Route("/signals/{signal}/draft/hints/", {"POST": LEAD}),
    "objectives:signal_draft_row": Route("/signals/{signal}/draft/row/", {"POST": LEAD}),
    "objectives:signal_publish": Route("/signals/{signal}/publish/", {"POST": LEAD}),
    # objectives and check-ins
    "objectives:objective_create": Route(
        "/teams/{team}/objectives/new/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:objective_detail": Route("/objectives/{objective}/"),
    "objectives:objective_edit": Route("/objectives/{draft}/edit/", {"GET": LEAD, "POST": LEAD}),
    "objectives:objective_create_row": Route("/teams/{team}/objectives/new/row/", {"POST": LEAD}),
    "objectives:objective_create_hints": Route(
        "/teams/{team}/objectives/new/hints/", {"POST": LEAD}
    ),
    "objectives:objective_hints": Route("/objectives/{draft}/hints/", {"POST": LEAD}),
    "objectives:objective_row": Route("/objectives/{draft}/row/", {"POST": LEAD}),
    "objectives:objective_publish": Route("/objectives/{draft}/publish/", {"POST": LEAD}),
    "objectives:objective_withdraw": Route(
        "/objectives/{draft}/withdraw/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:objective_park": Route("/objectives/{draft}/park/", {"GET": LEAD, "POST": LEAD}),
    "objectives:objective_unpark": Route("/objectives/{parked}/unpark/", {"POST": LEAD}),
    "objectives:objective_restore": Route("/objectives/{withdrawn}/restore/", {"POST": LEAD}),
    "objectives:objective_copy": Route("/objectives/{closed}/copy/", {"GET": LEAD, "POST": LEAD}),
    "objectives:order": Route("/teams/{team}/objectives/order/", {"POST": LEAD}),
    "objectives:withdrawn_list": Route("/teams/{team}/withdrawn/", {"GET": MEMBER}),
    "objectives:alignment": Route("/alignment/", {"GET": SIGNED_IN}, private=False),
    "objectives:objective_align": Route(
        "/objectives/{objective}/align/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:objective_children": Route(
        "/objectives/{objective}/children/", {"GET": READ, "POST": READ}
    ),
    "objectives:cycle_list": Route("/cycles/", {"GET": SIGNED_IN}, private=False),
    "objectives:cycle_create": Route("/cycles/new/", {"GET": ADMIN, "POST": ADMIN}, private=False),
    "objectives:cycle_detail": Route(
        "/cycles/{cycle}/", {"GET": cells(404, OK, OK, OK, OK, OK)}, private=False
    ),
    "objectives:cycle_move": Route(
        "/cycles/{cycle}/move/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "objectives:cycle_reopen": Route(
        "/cycles/{cycle}/reopen/", {"GET": ADMIN, "POST": ADMIN}, private=False
    ),
    "objectives:dependency_create": Route(
        "/objectives/{objective}/ask/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:dependency_detail": Route("/dependencies/{asked_of_us}/"),
    "objectives:dependency_answer": Route("/dependencies/{asked_of_us}/answer/", {"POST": LEAD}),
    "objectives:dependency_take_back": Route(
        "/dependencies/{asked_by_us}/take-back/", {"POST": LEAD}
    ),
    "objectives:objective_close": Route(
        "/objectives/{objective}/close/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:objective_next_target": Route(
        "/objectives/{closed}/next-target/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:key_result_detail": Route("/key-results/{key_result}/"),
    "objectives:check_in": Route(
        "/key-results/{key_result}/check-in/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "objectives:check_in_result": Route(
        "/key-results/{key_result}/check-in/result/", {"POST": MEMBER}
    ),
    "objectives:check_in_undo": Route("/check-ins/{check_in}/undo/", {"POST": MEMBER}),
    # Whoever may read a check-in may say thanks for it.
    "objectives:check_in_thank": Route("/check-ins/{check_in}/thanks/", {"POST": READ}),
    "objectives:key_result_evidence": Route("/key-results/{key_result}/check-ins/"),
    "objectives:key_result_revise": Route(
        "/key-results/{key_result}/revise/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:key_result_withdraw": Route(
        "/key-results/{key_result}/withdraw/", {"GET": LEAD, "POST": LEAD}
    ),
    "objectives:key_result_restore": Route("/key-results/{key_result}/restore/", {"POST": LEAD}),
    "objectives:milestone_tick": Route("/milestones/{milestone}/tick/", {"POST": MEMBER}),
    "objectives:initiative_create": Route(
        "/key-results/{key_result}/initiatives/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "objectives:initiative_list": Route(
        "/key-results/{key_result}/initiatives/list/", {"GET": MEMBER}
    ),
    "objectives:initiative_edit": Route(
        "/initiatives/{initiative}/edit/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "objectives:initiative_done": Route("/initiatives/{initiative}/done/", {"POST": MEMBER}),
    "objectives:initiative_delete": Route("/initiatives/{initiative}/delete/", {"POST": MEMBER}),
    "objectives:initiative_restore": Route("/initiatives/{initiative}/restore/", {"POST": MEMBER}),
    "objectives:blocker_create": Route(
        "/key-results/{key_result}/blockers/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "objectives:blocker_list": Route("/key-results/{key_result}/blockers/list/", {"GET": MEMBER}),
    "objectives:blocker_edit": Route("/blockers/{blocker}/edit/", {"GET": MEMBER, "POST": MEMBER}),
    "objectives:blocker_done": Route("/blockers/{blocker}/done/", {"POST": MEMBER}),
    "objectives:blocker_delete": Route("/blockers/{blocker}/delete/", {"POST": MEMBER}),
    "objectives:blocker_restore": Route("/blockers/{blocker}/restore/", {"POST": MEMBER}),
    # the coach
    "objectives:start": Route("/start/", {"GET": SIGNED_IN}, private=False),
    "objectives:rule_list": Route(
        "/coach/rules/", {"GET": SIGNED_IN, "POST": ADMIN}, private=False
    ),
    "objectives:signal_draft_remedy": Route("/signals/{signal}/draft/remedy/", {"POST": LEAD}),
    "objectives:objective_remedy": Route("/objectives/{draft}/remedy/", {"POST": LEAD}),
    "objectives:objective_create_remedy": Route(
        "/teams/{team}/objectives/new/remedy/", {"POST": LEAD}
    ),
    "objectives:key_result_to_kpi": Route("/key-results/{key_result}/to-kpi/", {"POST": LEAD}),
    "objectives:kpi_to_key_result": Route("/kpis/{kpi}/to-key-result/", {"POST": LEAD}),
    # reviews
    "reviews:review_list": Route("/reviews/", {"GET": SIGNED_IN}, private=False),
    "reviews:review_owed": Route("/reviews/owed/", {"GET": SIGNED_IN}, private=False),
    "reviews:review_open": Route("/teams/{team}/reviews/new/", {"GET": LEAD, "POST": LEAD}),
    "reviews:review_detail": Route("/reviews/{review}/"),
    "reviews:review_changes": Route("/reviews/{review}/changes/"),
    "reviews:review_minutes": Route("/reviews/{review}/minutes.md"),
    "reviews:review_close": Route("/reviews/{review}/close/", {"POST": LEAD}),
    "reviews:review_grade": Route(
        "/reviews/{review}/key-results/{key_result}/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "reviews:review_words": Route(
        "/reviews/{review}/objectives/{objective}/words/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "reviews:review_next": Route(
        "/reviews/{review}/objectives/{objective}/next/", {"GET": MEMBER, "POST": MEMBER}
    ),
    "reviews:learning_create": Route("/reviews/{review}/learnings/", {"POST": MEMBER}),
    "reviews:learning_delete": Route(
        "/reviews/{review}/learnings/{learning}/delete/", {"POST": MEMBER}
    ),
    "reviews:action_create": Route("/reviews/{review}/actions/", {"POST": MEMBER}),
    "reviews:action_done": Route("/reviews/{review}/actions/{action}/done/", {"POST": MEMBER}),
    "reviews:action_delete": Route("/reviews/{review}/actions/{action}/delete/", {"POST": MEMBER}),
    # the dashboard: what each person may see of it is held by the querysets, as everywhere
    "reviews:dashboard": Route("/quarter/", {"GET": SIGNED_IN}, private=False),
    "reviews:dashboard_compare": Route("/quarter/compare/", {"GET": SIGNED_IN}, private=False),
    "reviews:dashboard_trend": Route("/quarter/trend/", {"GET": SIGNED_IN}, private=False),
    "reviews:dashboard_export": Route("/quarter/kpis.csv", {"GET": SIGNED_IN}, private=False),
    "reviews:dashboard_sheet": Route("/quarter/kpis.xlsx", {"GET": SIGNED_IN}, private=False),
    "reviews:view_create": Route("/quarter/views/", {"POST": SIGNED_IN}, private=False),
    "reviews:view_delete": Route(
        "/quarter/views/{view}/delete/", {"POST": SIGNED_IN}, private=False
    ),
    "reviews:statistics": Route("/statistics/", {"GET": SIGNED_IN}, private=False),
    "reviews:statistics_export": Route("/statistics/teams.csv", {"GET": SIGNED_IN}, private=False),
    "reviews:statistics_sheet": Route("/statistics/teams.xlsx", {"GET": SIGNED_IN}, private=False),
    # public scorecards: leads of any team and administrators share; the page is for everybody
    "reviews:scorecard_link_list": Route(
        "/scorecard-links/", {"GET": SHARER, "POST": SHARER}, private=False
    ),
    "reviews:scorecard_link_revoke": Route(
        "/scorecard-links/{link}/revoke/", {"POST": cells(404, 404, 404, 404, OK, OK)}
    ),
    "reviews:scorecard_public": Route("/scorecard/{secret}/", {"GET": PUBLIC}, private=False),
    # conversations: of the member and the lead, who are alone with theirs
    "reviews:conversation_list": Route(
        "/conversations/", {"GET": SIGNED_IN, "POST": SIGNED_IN}, private=False
    ),
    "reviews:conversation_detail": Route("/conversations/{conversation}/", {"GET": THE_TWO}),
    "reviews:conversation_note": Route("/conversations/{conversation}/notes/", {"POST": THE_TWO}),
    "reviews:conversation_next": Route("/conversations/{conversation}/next/", {"POST": THE_TWO}),
    # one's own goals
    "reviews:evidence": Route("/profile/evidence/", {"GET": SIGNED_IN}, private=False),
    "reviews:evidence_markdown": Route("/profile/evidence.md", {"GET": SIGNED_IN}, private=False),
}
