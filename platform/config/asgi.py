"""HTTP goes to Django, WebSockets to the consumers behind an Origin check.

Sessions are looked up by the consumers themselves, and only where no join token spares it.
"""

import gc
import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

from calls.routing import websocket_urlpatterns  # noqa: E402  the models need the line above
from config import bodies  # noqa: E402
from config.daphne_sockets import fit_daphne  # noqa: E402
from config.origin import OwnOriginOnly  # noqa: E402

fit_daphne()
bodies.keep_in_memory()
# What is loaded by now stays. The collector need not look at it each time that sockets come, and
# looks less often at what they bring.
gc.freeze()
gc.set_threshold(20_000, 20, 20)


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Nothing is to be done at the start or the end; a server that asks gets its answer."""
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return


application = ProtocolTypeRouter(
    {
        "http": bodies.bounded(http),
        "websocket": OwnOriginOnly(URLRouter(websocket_urlpatterns)),
        "lifespan": lifespan,
    }
)
