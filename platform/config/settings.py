"""Django settings. What a deployment may choose comes from the environment (docs/deploy.md)."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.holidays import known_places
from config.admin_site import UNFOLD as UNFOLD
from config.content_policy import PORTAL_POLICY
from config.environment import Environment, refuse
from config.logs import to_console
from config.mail import mail_backend
from config.recordings import bucket_storage, folder_storage, spool_folder
from config.visitors import button_origins, rate_limits

# Lets annotations such as forms.ModelForm[User] stand at run time.
django_stubs_ext.monkeypatch()

env = Environment()
BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()

# --- The deployment -----------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", False)
DEMO = env.flag("DEMO", False)
PUBLIC_URL = env.text("PUBLIC_URL", "http://localhost:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in ("http", "https") or not _public.hostname:
    refuse("PUBLIC_URL must be an address such as https://visits.example.com.")
SECURE = _public.scheme == "https"
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS")
# The health checks of a container ask for 127.0.0.1; links always carry PUBLIC_URL.
ALLOWED_HOSTS = [_public.hostname, "127.0.0.1", *env.items("EXTRA_HOSTS")]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
if DEMO and SECURE:
    refuse("DEMO is only for http://localhost; unset it on a public address.")

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.staticfiles.PortalStaticFiles",
    "django.contrib.humanize",
    "django.forms",
    "channels",
    "anymail",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "audit",
    "accounts",
    "calls",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.content_policy.AdminPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "accounts.middleware.GuestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "accounts.context.house",
                "django.template.context_processors.tz",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data ---------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'parlour.sqlite3'}")
try:
    _database = dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
except (ValueError, dj_database_url.ParseError):
    refuse("DATABASE_URL must look like postgres://user:password@host/name or sqlite:///path.")
if _database["ENGINE"].endswith("sqlite3"):
    # Immediate transactions: a writer waits its turn instead of failing half way.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", f"unix://{DATA_DIR / 'run' / 'redis.sock'}?db=0")
_redis = urlsplit(REDIS_URL)
if _redis.scheme not in ("unix", "redis", "rediss"):
    refuse("REDIS_URL must begin with unix://, redis:// or rediss://.")
CHANNEL_LAYERS = {
    "default": {
        # Publish and subscribe: one subscriber a process, nothing stored in Redis.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "parlour"},
    }
}
CELERY_BROKER_URL = (
    f"redis+socket://{_redis.path}?virtual_host=0" if _redis.scheme == "unix" else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "max_retries": 1}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
RECORDING_STORAGE = "recordings"
_bucket = bucket_storage(
    env.text("RECORDING_STORAGE_BUCKET", ""),
    endpoint=env.address("RECORDING_STORAGE_ENDPOINT"),
    region=env.text("RECORDING_STORAGE_REGION", "us-east-1"),
    access=env.pair("RECORDING_STORAGE_ACCESS_KEY", "RECORDING_STORAGE_SECRET_KEY"),
)
# What was captured lies here until the storage has it; every machine has its own.
RECORDING_SPOOL = spool_folder(env.text("RECORDING_SPOOL", ""), DATA_DIR)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "media")},
    },
    RECORDING_STORAGE: _bucket or folder_storage(DATA_DIR / "recordings"),
    "staticfiles": {
        "BACKEND": "config.staticfiles.ModuleManifestStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

# --- People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = reverse_lazy("home")
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none" if DEMO else "mandatory"
ACCOUNT_LOGOUT_ON_GET = False
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_RATE_LIMITS = rate_limits(env.text("ARRIVAL_LIMIT", "60/m,600/h"))
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
AXES_FAILURE_LIMIT = env.whole("SIGN_IN_FAILURE_LIMIT", 10, least=1)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.guessing.account_name"
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "accounts.guessing.client_address"

# --- Languages and time -------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]

# --- Security -----------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SECURE_SSL_REDIRECT = False  # the proxy in front does it
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": PORTAL_POLICY}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# What people add to a visit is sealed before it touches a disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024

# --- Mail ---------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Parlour <noreply@localhost>")
MAIL_HOST = env.text("MAIL_HOST", "")
EMAIL_BACKEND, ANYMAIL = mail_backend(env, host=MAIL_HOST)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = MAIL_HOST
EMAIL_PORT = env.whole("MAIL_PORT", 587, least=1)
EMAIL_HOST_USER = env.text("MAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("MAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("MAIL_TLS", True)

# --- Calls --------------------------------------------------------------------------------------
STUN_URLS = env.items("STUN_URLS")
TURN_URLS = env.items("TURN_URLS")
TURN_SECRET = env.text("TURN_SECRET", "")
if TURN_URLS and not TURN_SECRET:
    refuse("TURN_URLS is set, so TURN_SECRET must be set to the relay's shared secret.")
TURN_CREDENTIAL_SECS = env.whole("TURN_CREDENTIAL_SECS", 600, least=60)
RELAY_ONLY = env.flag("RELAY_ONLY", False)
if RELAY_ONLY and not TURN_URLS:
    refuse("RELAY_ONLY is set, so TURN_URLS must name the relay that every call goes through.")
JOIN_EARLY_MINUTES = env.whole("JOIN_EARLY_MINUTES", 30)
HOLD_MUSIC = env.flag("HOLD_MUSIC", True)
SUPERVISOR_HIDDEN_FROM_CUSTOMER = env.flag("SUPERVISOR_HIDDEN_FROM_CUSTOMER", False)
HOUSE_PHONE = env.text("HOUSE_PHONE", "")
# The sites whose pages may show the button that leads into a queue (docs/embedding.md).
BUTTON_ORIGINS = button_origins(env.items("BUTTON_ORIGINS"), demo=DEMO)
# On whose public holidays nobody can be booked, where a person's own profile says nothing.
HOLIDAY_PLACE = env.text("HOLIDAY_PLACE", "")
if HOLIDAY_PLACE and HOLIDAY_PLACE not in known_places():
    refuse("HOLIDAY_PLACE must be a country or a part of one, such as DE or DE-BE.")

# --- Recording ----------------------------------------------------------------------------------
INTERNAL_WS_URL = env.text("INTERNAL_WS_URL", "ws://127.0.0.1:8000")
# Who wraps the recordings' keys: the first of this order that is set; all of them unwrap.
RECORDING_KEY_ORDER = env.order("RECORDING_KEY_ORDER", ("kms", "file", "environment"))
RECORDING_KEYS = env.keys("RECORDING_KEYS")
RECORDING_KEYS_FILE = env.keys_file("RECORDING_KEYS_FILE")
RECORDING_KMS_KEYS = env.items("RECORDING_KMS_KEY_ID")
RECORDING_KMS_ENDPOINT = env.address("RECORDING_KMS_ENDPOINT", private=True)
RECORDING_KMS_REGION = env.text("RECORDING_KMS_REGION", "us-east-1")
RECORDING_KMS_ACCESS = env.pair("RECORDING_KMS_ACCESS_KEY", "RECORDING_KMS_SECRET_KEY")
if any("alias/" in key for key in RECORDING_KMS_KEYS):
    refuse("RECORDING_KMS_KEY_ID must be a key's id or ARN: an alias may move to another key.")
RECORDING_MIN_FREE_BYTES = env.whole("RECORDING_MIN_FREE_BYTES", 1024**3)
RECORDER_CAPACITY = env.whole("RECORDER_CAPACITY", 4 * (os.cpu_count() or 1), least=1)
RECORDER_MEMORY_BYTES = env.whole("RECORDER_MEMORY_BYTES", 256 * 1024**2, least=64 * 1024**2)
RECORDING_VIDEO_BITRATE = env.whole("RECORDING_VIDEO_BITRATE", 600_000, least=50_000)
RECORDER_ALLOW_PRIVATE_CANDIDATES = env.flag("RECORDER_ALLOW_PRIVATE_CANDIDATES", False)

# --- Logs: ids, never names, messages, SDP or tokens --------------------------------------------
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = to_console(LOG_LEVEL)
