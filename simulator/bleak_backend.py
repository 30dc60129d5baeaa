"""bleak over Bumble's central role: the classes to hand to `BleakClient` and `BleakScanner` as `backend`."""

from dataclasses import dataclass

from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner

from simulator.bleak_client import RadioClient
from simulator.bleak_scanner import RadioScanner
from simulator.central import Central


@dataclass(frozen=True, slots=True)
class Backend:
    """What bleak needs: `BleakClient(device, backend=b.client)`, `BleakScanner(backend=b.scanner)`."""

    client: type[BaseBleakClient]
    scanner: type[BaseBleakScanner]


def bleak_backend(central: Central) -> Backend:
    """Return bleak's two classes, bound to one central."""

    class BumbleClient(RadioClient):
        _central = central

    class BumbleScanner(RadioScanner):
        _central = central

    return Backend(BumbleClient, BumbleScanner)
