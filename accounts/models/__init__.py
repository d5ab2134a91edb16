from accounts.models.consent_text import ConsentText
from accounts.models.user import Role, User, UserQuerySet, vouch_for

__all__ = ["ConsentText", "Role", "User", "UserQuerySet", "vouch_for"]
