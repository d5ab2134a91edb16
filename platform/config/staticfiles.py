"""Static files with hashed names, the imports inside ES modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed, compressed files whose `import` statements point at hashed names too."""

    support_js_module_import_aggregation = True
    # A test or a command that renders a page before `collectstatic` gets the plain name.
    manifest_strict = False
