"""What the air does to the data that devices send: lose, double, delay."""

from dataclasses import dataclass, field
from random import Random

from bumble.att import ATT_CID, Opcode
from bumble.controller import Controller

_L2CAP_HEADER = 4


@dataclass(slots=True)
class Impairment:
    """What happens to the data that one device sends.

    `lost_share`, `doubled_share`: probability for each notification, 0 to 1. `lose_next`: how many notifications
    to drop from now on. `delay_s`: how much later everything arrives, in order. `unheard_share`: probability that
    an advertisement is not heard; `lose_next` counts these too.
    """

    lost_share: float = 0.0
    doubled_share: float = 0.0
    lose_next: int = 0
    delay_s: float = 0.0
    unheard_share: float = 0.0


@dataclass(slots=True)
class AirFaults:
    """The impairments of every device on the link, and the chance that drives them."""

    rng: Random
    by_controller: dict[Controller, Impairment] = field(default_factory=dict)

    def acl(self, sender: Controller, data: bytes) -> tuple[int, float]:
        """Return how often and how many seconds later an L2CAP packet arrives."""
        impairment = self.by_controller.get(sender)
        if impairment is None:
            return 1, 0.0
        if not is_notification(data):
            return 1, impairment.delay_s
        if impairment.lose_next > 0:
            impairment.lose_next -= 1
            return 0, 0.0
        if impairment.lost_share and self.rng.random() < impairment.lost_share:
            return 0, 0.0
        doubled = impairment.doubled_share and self.rng.random() < impairment.doubled_share
        return (2 if doubled else 1), impairment.delay_s

    def is_unheard(self, sender: Controller) -> bool:
        """Return whether an advertisement is lost."""
        impairment = self.by_controller.get(sender)
        if impairment is None:
            return False
        if impairment.lose_next > 0:
            impairment.lose_next -= 1
            return True
        return bool(impairment.unheard_share) and self.rng.random() < impairment.unheard_share


def is_notification(data: bytes) -> bool:
    """Return whether an L2CAP packet is an ATT notification, which nobody confirms."""
    return (
        len(data) > _L2CAP_HEADER
        and int.from_bytes(data[2:4], "little") == ATT_CID
        and data[_L2CAP_HEADER] == Opcode.ATT_HANDLE_VALUE_NOTIFICATION
    )
