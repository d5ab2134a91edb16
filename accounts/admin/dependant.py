"""Children and relatives for whom somebody books."""

from django.contrib import admin

from accounts.models import Dependant
from audit.admin import FactAdmin


@admin.register(Dependant)
class DependantAdmin(FactAdmin):
    list_display = ("display_name", "relation", "keeper", "is_active")
    list_select_related = ("keeper",)
    search_fields = ("display_name", "keeper__display_name", "keeper__email")
