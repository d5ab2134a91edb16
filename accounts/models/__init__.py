from accounts.models.consent_text import ConsentText
from accounts.models.dependant import Dependant, Relation
from accounts.models.user import Role, User, UserQuerySet, vouch_for

__all__ = ["ConsentText", "Dependant", "Relation", "Role", "User", "UserQuerySet", "vouch_for"]
