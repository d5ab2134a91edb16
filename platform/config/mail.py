"""How mail leaves: by SMTP, by a provider's API (django-anymail), or into files in the demo."""

from config.environment import Environment, refuse

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "django.core.mail.backends.filebased.EmailBackend"
# Each provider that one key opens: anymail's backend and the name of the key in its settings.
PROVIDERS = {
    "brevo": ("anymail.backends.brevo.EmailBackend", "BREVO_API_KEY"),
    "mailersend": ("anymail.backends.mailersend.EmailBackend", "MAILERSEND_API_TOKEN"),
    "mailgun": ("anymail.backends.mailgun.EmailBackend", "MAILGUN_API_KEY"),
    "mandrill": ("anymail.backends.mandrill.EmailBackend", "MANDRILL_API_KEY"),
    "postmark": ("anymail.backends.postmark.EmailBackend", "POSTMARK_SERVER_TOKEN"),
    "resend": ("anymail.backends.resend.EmailBackend", "RESEND_API_KEY"),
    "sendgrid": ("anymail.backends.sendgrid.EmailBackend", "SENDGRID_API_KEY"),
    "sparkpost": ("anymail.backends.sparkpost.EmailBackend", "SPARKPOST_API_KEY"),
}


def mail_backend(env: Environment, *, host: str) -> tuple[str, dict[str, str]]:
    """Django's backend and anymail's settings, by MAIL_PROVIDER, else by MAIL_HOST."""
    provider = env.text("MAIL_PROVIDER", "")
    key = env.text("MAIL_API_KEY", "")
    if not provider:
        if key:
            refuse("MAIL_API_KEY is set, so MAIL_PROVIDER must say whose it is.")
        return (SMTP if host else FILES), {}
    if provider not in PROVIDERS:
        refuse(f"MAIL_PROVIDER must be one of {', '.join(PROVIDERS)}.")
    if host:
        refuse("Set MAIL_HOST or MAIL_PROVIDER, not both.")
    if not key:
        refuse("MAIL_PROVIDER is set, so MAIL_API_KEY must be the provider's key.")
    backend, name = PROVIDERS[provider]
    settings = {name: key}
    address = env.address("MAIL_API_URL")
    if address:
        settings[f"{provider.upper()}_API_URL"] = f"{address}/"
    if provider == "mailgun" and (domain := env.text("MAIL_API_DOMAIN", "")):
        settings["MAILGUN_SENDER_DOMAIN"] = domain
    return backend, settings
