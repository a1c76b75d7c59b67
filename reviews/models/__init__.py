"""Reviews, what they decide, what they freeze, and how people talk about them."""

from reviews.models.conversations import Conversation, ConversationNote
from reviews.models.review import (
    GivenGrade,
    Learning,
    ObjectiveDecision,
    Outcome,
    Review,
    ReviewAction,
)
from reviews.models.sharing import SavedView, ScorecardLink

__all__ = [
    "Conversation",
    "ConversationNote",
    "GivenGrade",
    "Learning",
    "ObjectiveDecision",
    "Outcome",
    "Review",
    "ReviewAction",
    "SavedView",
    "ScorecardLink",
]
