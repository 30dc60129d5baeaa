"""What goes wrong on the air between two devices, switched on and off by tests and scenarios."""

import math

from bumble import hci
from bumble.controller import Controller

from simulator.air import AirFaults, Impairment
from simulator.radio_link import RadioLink


class Faults:
    """Faults by address of a device on the link. Raises LookupError for an address that nothing has."""

    def __init__(self, link: RadioLink, air: AirFaults) -> None:
        self._link = link
        self._air = air

    def out_of_range(self, address: str, out: bool = True) -> None:  # noqa: FBT001, FBT002 (reads as it is said)
        """Put a device out of range, or back: nothing passes, and both sides see 0x08 after the timeout.

        A device that is back before sends and gets then what waited, in order: nothing is lost but the
        notifications beyond `transmit_queue.KEPT_NOTIFICATIONS`, which the sender drops.
        """
        self._link.silence(self._controller(address), silent=out)

    def impair(
        self,
        address: str,
        *,
        lost_share: float = 0.0,
        doubled_share: float = 0.0,
        lose_next: int = 0,
        delay_s: float = 0.0,
        unheard_share: float = 0.0,
    ) -> Impairment:
        """Set what happens to what a device sends from now on; without arguments it is well again.

        Returns the impairment, whose numbers may be changed while it stands. Raises ValueError outside the
        ranges that Impairment names.
        """
        if not all(0 <= share <= 1 for share in (lost_share, doubled_share, unheard_share)):
            raise ValueError("a share is a number from 0 to 1")
        if lose_next < 0 or not (0 <= delay_s < math.inf):
            raise ValueError("lose_next and delay_s cannot be negative")
        impairment = Impairment(lost_share, doubled_share, lose_next, delay_s, unheard_share)
        self._air.by_controller[self._controller(address)] = impairment
        return impairment

    def disconnect(self, address: str, reason: int = hci.HCI_REMOTE_USER_TERMINATED_CONNECTION_ERROR) -> None:
        """Let a device end its connections in the orderly way; it advertises again."""
        self._link.disconnect(self._controller(address), reason)

    def power_cut(self, address: str) -> None:
        """Take a device's power: it is gone without a word, and peers see 0x08 after the timeout."""
        controller = self._controller(address)
        self._link.silence(controller, silent=True)
        self._link.vanish(controller, hci.HCI_CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    def power_back(self, address: str) -> None:
        """Give the power back: the device advertises again."""
        self._link.silence(self._controller(address), silent=False)

    def _controller(self, address: str) -> Controller:
        for controller in self._link.controllers_with(hci.Address(address)):
            return controller
        raise LookupError(f"nothing on the radio has the address {address}")
