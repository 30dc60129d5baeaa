"""What the Holdwell driver does beyond every driver's contract, over the real stack."""

import asyncio

import pytest
from bleak import BleakClient
from bleak.exc import BleakGATTProtocolError
from bumble.core import UUID
from bumble.gatt import Characteristic, Service

from firmware_bridge import discovery, wire
from firmware_bridge.errors import RadioError, RefusedError, ToolNotFoundError, UnsupportedToolError
from firmware_bridge.gatt import GattConnection
from firmware_bridge.tools.holdwell import HoldwellTool
from simulator.advertisement import advertising_bytes
from simulator.radio import Radio
from tests.contract.tool_bench import HoldwellBench, virtual


@virtual
async def test_an_unpaired_client_gets_no_force():
    async with HoldwellBench.opened() as bench:
        bench.hand.steady_n = 20.0
        got = []
        async with BleakClient(bench.device, backend=bench.radio.backend.client) as client:
            for attempt in (
                lambda: client.read_gatt_char(wire.FEATURES),
                lambda: client.start_notify(wire.FORCE, lambda *value: got.append(value)),
                lambda: client.start_notify(wire.EVENT, lambda *value: got.append(value)),
                lambda: client.start_notify(wire.CONTROL, lambda *value: got.append(value)),
                lambda: client.write_gatt_char(
                    wire.CONTROL, wire.encode_request(wire.StartStreaming(100), 1), response=True
                ),
            ):
                with pytest.raises(BleakGATTProtocolError) as refused:
                    await attempt()
                assert refused.value.code in {0x05, 0x0F}
            await asyncio.sleep(2)
        assert got == []


@virtual
async def test_an_unknown_major_is_refused_and_let_go():
    async with HoldwellBench.opened() as bench:
        firmware = bench.peripheral.firmware
        firmware.features_value = b"\x02\x00 another layout"
        with pytest.raises(UnsupportedToolError, match="speaks tool profile 2"):
            await bench.tool.connect()
        assert not bench.tool.is_connected
        await asyncio.sleep(0.5)
        assert not bench.peripheral.is_connected


@virtual
async def test_any_minor_is_taken():
    async with HoldwellBench.opened() as bench:
        value = bench.peripheral.firmware.features_value
        bench.peripheral.firmware.features_value = value[:1] + b"\x09" + value[2:] + b"news"
        await bench.tool.connect()
        assert bench.tool.features.minor == 9


@virtual
async def test_a_device_that_is_no_tool_is_refused():
    async with Radio() as radio:
        await radio.adapter()
        lamp = Service(
            UUID(wire.SERVICE),
            [Characteristic(wire.FEATURES, Characteristic.Properties.READ, Characteristic.READABLE, b"")],
        )
        await radio.add_peripheral(
            "Lamp",
            [lamp],
            advertising_data=advertising_bytes(service_uuids=(wire.SERVICE,), short_name="HW-FFFF"),
        )
        found = await discovery.find("HW-FFFF", radio.backend)
        tool = HoldwellTool(found.device, on_signal=lambda _: None, radio=radio.backend)
        with pytest.raises(UnsupportedToolError, match="771e0004"):
            await tool.connect()
        assert not tool.is_connected


@virtual
async def test_a_busy_tool_is_asked_again_for_a_while():
    async with HoldwellBench.opened() as bench:
        await bench.tool.connect()
        for averaging_ms, result in ((500, 100), (5000, None)):
            client = bench.tool._connection
            await client.write(wire.CONTROL, wire.encode_request(wire.TareRequest(averaging_ms), 200))
            if result is None:
                with pytest.raises(RefusedError, match="busy"):
                    await bench.tool.start(100)
            else:
                assert await bench.tool.start(100) == result


@virtual
async def test_systems_that_tell_of_a_disconnect_that_was_asked_for_tell_no_drop():
    async with HoldwellBench.opened() as bench:
        drops = []
        connection = GattConnection(bench.device, bench.radio.backend, lambda: drops.append(1))
        connection._dropped(None)
        await connection.open()
        client = connection._client
        await connection.close()
        connection._dropped(client)
        assert drops == []


@virtual
async def test_scan_lists_tools_and_only_tools():
    async with HoldwellBench.opened() as bench:
        await bench.radio.add_peripheral("Strap", advertising_data=advertising_bytes(short_name="Strap"))
        found = await discovery.scan(bench.radio.backend, 1.0)
        assert [(tool.name, tool.address, tool.driver.kind) for tool in found] == [
            ("HW-0001", bench.device.address, "holdwell")
        ]
        assert -100 < found[0].rssi_dbm < 0


@pytest.mark.parametrize("said", ["HW-0001", "hw-0001", "Holdwell Tool 0001", " holdwell  tool 0001", "address"])
@virtual
async def test_a_tool_is_found_by_any_of_its_names(said):
    async with HoldwellBench.opened() as bench:
        name = bench.device.address.lower() if said == "address" else said
        assert (await discovery.find(name, bench.radio.backend)).address == bench.device.address


@virtual
async def test_a_tool_that_is_not_there_is_an_error_that_says_what_is():
    async with HoldwellBench.opened() as bench:
        start_s = asyncio.get_running_loop().time()
        with pytest.raises(ToolNotFoundError, match=r"HW-0002: not in reach; in reach: HW-0001 \("):
            await discovery.find("HW-0002", bench.radio.backend, 2.0)
        assert asyncio.get_running_loop().time() - start_s == pytest.approx(2.0, abs=0.1)
        bench.radio.out_of_range(bench.device.address)
        with pytest.raises(ToolNotFoundError, match="no other tool is"):
            await discovery.find("HW-0001", bench.radio.backend, 2.0)


@virtual
async def test_a_scan_without_a_working_radio_is_a_radio_error():
    async with HoldwellBench.opened() as bench:
        backend = bench.radio.backend
        await (await bench.radio.adapter()).close()
        with pytest.raises(RadioError):
            await discovery.scan(backend, 1.0)
