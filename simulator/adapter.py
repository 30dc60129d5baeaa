"""An app's Bluetooth adapter: a controller somewhere, and bleak's classes for it."""

from pathlib import Path

from bumble.host import Host
from bumble.transport import open_transport
from bumble.transport.common import Transport

from simulator.bleak_backend import Backend, bleak_backend
from simulator.central import SUPERVISION_S, Central, RadioUnavailableError
from simulator.quiet_host import QuietHost


class Adapter(Central):
    """Made by `open_adapter` or `Radio.adapter`; `backend` is what bleak needs."""

    def __init__(
        self,
        host: Host,
        *,
        transport: Transport | None = None,
        bonds: Path | None = None,
        supervision_s: float = SUPERVISION_S,
    ) -> None:
        super().__init__(host, transport=transport, bonds=bonds, supervision_s=supervision_s)
        self.backend: Backend = bleak_backend(self)


async def open_adapter(spec: str, *, bonds: Path | None = None, supervision_s: float = SUPERVISION_S) -> Adapter:
    """Open a Bluetooth controller by a Bumble transport such as `tcp-client:127.0.0.1:9801` or `usb:0`.

    Raises ValueError for a spec that is no transport, and BleakBluetoothNotAvailableError (a BleakError) when
    nothing answers there.
    """
    try:
        transport = await open_transport(spec)
    except (ValueError, AssertionError) as error:
        raise ValueError(
            f"'{spec}' is no Bluetooth transport; try tcp-client:127.0.0.1:9801, usb:0 or serial:/dev/ttyUSB0"
        ) from error
    except Exception as error:
        # Each kind of transport has errors of its own, down to those of the USB library.
        problem = f"cannot open the Bluetooth transport '{spec}': {error}; {_advice(spec)}"
        raise RadioUnavailableError(problem) from error
    host = QuietHost(controller_source=transport.source, controller_sink=transport.sink)
    adapter = Adapter(host, transport=transport, bonds=bonds, supervision_s=supervision_s)
    try:
        await adapter.start()
    except BaseException:
        await adapter.close()
        raise
    return adapter


def _advice(spec: str) -> str:
    kind, _, where = spec.partition(":")
    if kind == "tcp-client":
        return f"start what listens there first (a simulated tool: holdwell tool --listen {where}), or correct the port"
    return "plug it in, see that you may use it, or name another"
