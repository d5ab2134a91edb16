"""Forms about people."""

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms


class SignupForm(AllauthSignupForm):
    """Sign-up with a name; the account is a patient's."""

    display_name = forms.CharField(max_length=120)
