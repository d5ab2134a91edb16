"""Static files with hashed names, the imports inside ES modules included."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage

_glob, _imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns
# Django's last pattern also finds the types that JSDoc names: {import("./a.js").Kind}.
# Types may point both ways between two modules, and hashed names cannot.
_CALLED = (r"""(?P<matched>import\(["'](?P<url>[./].*?)["']\)(?!\.\w))""", """import("%(url)s")""")


class PortalStaticFiles(StaticFilesConfig):
    """Leaves out htmx's optional extensions: some import a module that their package lacks."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx/ext/*"]


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed files whose `import` statements point at hashed names too."""

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (_glob, (*_imports[:-1], _CALLED))
    # A chain of imports needs one pass for each of its links.
    max_post_process_passes = 20
    # A test or a command that renders a page before `collectstatic` gets the plain name.
    manifest_strict = False
