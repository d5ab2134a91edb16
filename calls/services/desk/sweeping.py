"""What the desk's sweeps do together, in any process and as often as anybody likes."""

from calls.services.desk import agents, finishing, lost, offers, routing, transferring, waiting
from calls.signaling import wake_desk


def sweep() -> int:
    """Put right what time has changed, and route; returns how many offers were made.

    1. People who went or waited too long. 2. Offers that nobody answered. 3. Agents whose browser
    is gone. 4. Colleagues who gave advice, agents who were lost, after-call work that is over.
    5. Who can be offered to whom now.
    """
    waiting.sweep()
    offers.sweep()
    agents.sweep()
    transferring.sweep()
    lost.sweep()
    finishing.sweep()
    made = routing.run()
    if made:
        wake_desk()
    return made
