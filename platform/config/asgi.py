"""HTTP goes to Django, WebSockets to the consumers behind an Origin check."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from calls.routing import websocket_urlpatterns  # noqa: E402  the models need the line above
from config.daphne_sockets import fit_daphne  # noqa: E402
from config.origin import OwnOriginOnly  # noqa: E402

fit_daphne()

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": OwnOriginOnly(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
