"""People, their sign-in and the texts that they agree to, in the administration."""

from accounts.admin.consent_text import ConsentTextAdmin
from accounts.admin.dependant import DependantAdmin
from accounts.admin.sign_in import AttemptAdmin, SecondFactorAdmin
from accounts.admin.user import UserAdmin

__all__ = ["AttemptAdmin", "ConsentTextAdmin", "DependantAdmin", "SecondFactorAdmin", "UserAdmin"]
