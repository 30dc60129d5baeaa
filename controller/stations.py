"""Where parts are put together: the tool a session talks to, simulated here, or elsewhere on some radio."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bleak.backends.device import BLEDevice

from controller.errors import UsageError
from controller.ports import Channel, Source
from controller.radio_watch import RadioWatch
from controller.rigs import stored_rig
from controller.simulated_person import SimulatedPersonChannel
from controller.simulated_tools import SIMULATED, SIMULATED_TOOL, SimulatedKind
from controller.words import RECORDING
from firmware_bridge.discovery import FoundTool, find
from firmware_bridge.drivers import Driver
from firmware_bridge.gatt import Radio as BleakRadio
from firmware_bridge.rig import REFERENCE_RIG, Rig
from firmware_bridge.tool import DeviceInformation, EventCode, Features, OnSignal, Signal, Tool, ToolEvent
from protocols.site import Site
from simulator.adapter import Adapter, open_adapter
from simulator.key_store import KeyStoreError
from simulator.person import Person
from simulator.person_file import DEFAULT_PERSON, load_person, person_names
from simulator.radio import Radio
from simulator.recording import RecordedPerson, Recording

BONDS = "bonds.json"
TOOL_BONDS = "tool-bonds.json"
SIMULATED_MARK = "(simulated)"
"""How the firmware revision of a simulated tool ends (Device Information, 0x2A26)."""

RECORDING_MARK = "recording (simulated)"
"""How it ends where the force comes from a recording."""


@dataclass(frozen=True, slots=True)
class Station:
    """A tool in reach, and who comes with it.

    `rig`: what is on a load cell; `has_rig`: somebody has said so. `ended`: set when a recording is over, never where
    a tool can only log; None: the session ends by itself. `says_when_over`: a tool elsewhere sets it, by saying that
    it switches off.
    """

    device: BLEDevice
    driver: Driver
    radio: BleakRadio | None
    rig: Rig = REFERENCE_RIG
    has_rig: bool = True
    channels: Sequence[Channel] = field(default=())
    sources: Sequence[Source] = field(default=())
    ended: asyncio.Event | None = None
    says_when_over: bool = False

    def make_tool(self, on_signal: OnSignal) -> Tool:
        """Return a driver for the tool."""

        def heard(signal: Signal) -> None:
            on_signal(signal)
            if isinstance(signal, ToolEvent) and signal.code is EventCode.POWERS_OFF and self.ended is not None:
                self.ended.set()

        on_signal_too = heard if self.says_when_over else on_signal
        return self.driver.make(self.device, on_signal=on_signal_too, radio=self.radio, rig=self.rig)


@dataclass(frozen=True, slots=True)
class SimulatedSetup:
    """Who presses with a simulated tool."""

    person: str
    seed: int
    site: Site
    recording: Recording | None = None
    kind: SimulatedKind = field(default=SimulatedKind(SIMULATED_TOOL))

    @classmethod
    def chosen(
        cls, person: str | None, seed: int, site: Site, force_from: str | None, tool: str = SIMULATED
    ) -> "SimulatedSetup":
        """Return the setup for these options. Raises UsageError, ProtocolsError and RecordingError."""
        kind = SimulatedKind.named(tool)
        if force_from is not None and not kind.is_holdwell:
            raise UsageError(f"--force-from plays on a tool of the profile: give --tool {SIMULATED}, or leave it out")
        if seed < 0:
            raise UsageError(f"--seed: {seed} is below 0; give 0 or more")
        name = person or DEFAULT_PERSON
        load_person(name, seed, site)
        if name not in person_names():
            # A file by whatever path is one person, with one history.
            name = str(Path(name).resolve())
        return cls(name, seed, site, None if force_from is None else Recording.read(force_from), kind)

    @property
    def label(self) -> str:
        """Whose sessions these are, for the journal."""
        if self.recording is not None:
            return RECORDING
        return f"sim:{self.person}:{self.seed}"

    def source(self) -> Person | RecordedPerson:
        """Return somebody new."""
        if self.recording is not None:
            return RecordedPerson(self.recording)
        traits = load_person(self.person, self.seed, self.site, self.kind.tip_diameter_mm)
        return Person(traits, self.seed, has_button=self.kind.capabilities.own_button)


@asynccontextmanager
async def simulated_station(setup: SimulatedSetup) -> AsyncIterator[Station]:
    """Put a tool with a person on a radio of this process."""
    person = setup.source()
    async with Radio(seed=setup.seed) as radio:
        await radio.adapter()
        async with setup.kind.on(radio, person, setup.seed) as tool:
            found = await find(tool.name, radio.backend)
            channel = SimulatedPersonChannel(person)
            ended = tool.ended if setup.recording is not None else None
            yield Station(
                found.device, found.driver, radio.backend, channels=(channel,), sources=(channel,), ended=ended
            )


@asynccontextmanager
async def distant_station(
    name_or_address: str, radio_spec: str | None, bonds: Path, *, is_recording: bool = False
) -> AsyncIterator[Station]:
    """Find a tool on the system's Bluetooth, or on the controller that `radio_spec` names.

    `is_recording`: its force comes from a recording, after which it says that it switches off.
    """
    if radio_spec is None:
        found = await find(name_or_address, None)
        yield _distant(found, None, (), is_recording=is_recording)
        return
    async with _opened(radio_spec, bonds) as adapter:
        found = await find(name_or_address, adapter.backend)
        watch = RadioWatch(lambda: adapter.is_available, radio_spec)
        yield _distant(found, adapter.backend, (watch,), is_recording=is_recording)


def _distant(found: FoundTool, radio: BleakRadio | None, sources: Sequence[Source], *, is_recording: bool) -> Station:
    rig = stored_rig(found.address) if found.driver.capabilities.takes_rig else None
    # What can only log goes on until somebody ends it.
    logs_on = is_recording or not found.driver.capabilities.credits
    return Station(
        found.device,
        found.driver,
        radio,
        rig or REFERENCE_RIG,
        has_rig=rig is not None or not found.driver.capabilities.takes_rig,
        sources=sources,
        ended=asyncio.Event() if logs_on else None,
        says_when_over=is_recording,
    )


@asynccontextmanager
async def opened_radio(radio_spec: str | None, bonds: Path) -> AsyncIterator[BleakRadio | None]:
    """Open the controller that `radio_spec` names; None is the system's Bluetooth.

    Raises UsageError for what names none, BleakError for one that cannot be opened, KeyStoreError.
    """
    if radio_spec is None:
        yield None
        return
    async with _opened(radio_spec, bonds) as adapter:
        yield adapter.backend


@asynccontextmanager
async def _opened(radio_spec: str, bonds: Path) -> AsyncIterator[Adapter]:
    try:
        adapter = await open_adapter(radio_spec, bonds=bonds)
    except KeyStoreError:
        raise
    except ValueError as error:
        raise UsageError(f"--radio: {error}") from None
    async with adapter:
        yield adapter


async def look_at(station: Station) -> tuple[Features, DeviceInformation]:
    """Connect once, read what the tool is, and let go of it again. Raises ToolError."""
    tool = station.make_tool(lambda _signal: None)
    try:
        await tool.connect()
        return tool.features, await tool.information()
    finally:
        await tool.disconnect()


def is_simulated(information: DeviceInformation) -> bool:
    """Return whether a tool says of itself that it is simulated."""
    return information.firmware.endswith(SIMULATED_MARK)


def is_recording(information: DeviceInformation) -> bool:
    """Return whether a tool says of itself that its force comes from a recording."""
    return information.firmware.endswith(RECORDING_MARK)
