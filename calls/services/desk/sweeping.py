"""What the desk's sweeps do together, in any process and as often as anybody likes."""

import logging

from django.db import OperationalError

from calls.services.desk import (
    agents,
    falling_back,
    finishing,
    lost,
    offers,
    routing,
    transferring,
    waiting,
)
from calls.signaling import wake_desk

logger = logging.getLogger(__name__)

# 1. People who went or waited too long. 2. Offers that nobody answered. 3. Agents whose browser is
# gone. 4. Colleagues who gave advice, agents who were lost, conversations that nobody is in,
# after-call work that is over. 5. Booked visits whose agent is missing, or has come.
PARTS = (
    waiting.sweep,
    offers.sweep,
    agents.sweep,
    transferring.sweep,
    lost.sweep,
    lost.end_deserted,
    finishing.sweep,
    falling_back.sweep,
)


def sweep() -> int:
    """Put right what time has changed, and route; returns how many offers were made."""
    for part in PARTS:
        try:
            part()
        except OperationalError:  # the database is away or busy: all the same for each of them
            raise
        except Exception:
            # What is wrong with one contact must not keep all others waiting.
            logger.exception("%s.%s was cut short", part.__module__, part.__name__)
    made = routing.run()
    if made:
        wake_desk()
    return made
