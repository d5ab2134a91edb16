"""Static files with hashed names, the imports inside ES modules included."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalStaticFiles(StaticFilesConfig):
    """Leaves out htmx's optional extensions: some import a module that their package lacks."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext/*"]


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed files whose `import` statements point at hashed names too."""

    support_js_module_import_aggregation = True
    # A test or a command that renders a page before `collectstatic` gets the plain name.
    manifest_strict = False
