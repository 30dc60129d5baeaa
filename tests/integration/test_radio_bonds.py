"""Bonds: kept over restarts of either side, and clear errors when one side lost them."""

import stat
from pathlib import Path

import pytest
from bleak.exc import BleakError, BleakGATTProtocolError

from simulator.key_store import KeyStoreError, key_store
from simulator.radio import Radio
from tests.radio_bench import SECRET, Bench, connected, on_virtual_time


async def _pair(app: Path, tool: Path) -> None:
    async with Radio() as radio:
        await radio.adapter(bonds=app)
        client = await connected(await Bench(radio, bonds=tool).start())
        await client.pair()


@on_virtual_time
async def test_a_bond_outlives_both_sides(tmp_path: Path):
    app, tool = tmp_path / "deep" / "app.json", tmp_path / "tool.json"
    await _pair(app, tool)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (app, tool)] == [0o600, 0o600]
    async with Radio() as radio:
        await radio.adapter(bonds=app)
        client = await connected(await Bench(radio, bonds=tool).start())
        # Encrypted from the start, with no pairing.
        assert await client.read_gatt_char(SECRET) == b"secret"


@on_virtual_time
async def test_an_app_that_lost_its_bond_pairs_anew(tmp_path: Path):
    app, tool = tmp_path / "app.json", tmp_path / "tool.json"
    await _pair(app, tool)
    app.unlink()
    async with Radio() as radio:
        await radio.adapter(bonds=app)
        client = await connected(await Bench(radio, bonds=tool).start())
        with pytest.raises(BleakGATTProtocolError):
            await client.read_gatt_char(SECRET)
        await client.pair()
        assert await client.read_gatt_char(SECRET) == b"secret"


@on_virtual_time
async def test_a_tool_that_lost_its_bond_is_told_of(tmp_path: Path):
    app, tool = tmp_path / "app.json", tmp_path / "tool.json"
    await _pair(app, tool)
    tool.unlink()
    async with Radio() as radio:
        await radio.adapter(bonds=app)
        client = await connected(await Bench(radio, bonds=tool).start())
        with pytest.raises(BleakGATTProtocolError):
            await client.read_gatt_char(SECRET)
        with pytest.raises(BleakError, match=r"lost its bond .* unpair\(\) and pair again"):
            await client.pair()
        await client.unpair()
        assert not client.is_connected
        await client.connect()
        await client.pair()
        assert await client.read_gatt_char(SECRET) == b"secret"


@on_virtual_time
async def test_a_wrong_key_ends_the_link_with_an_error(tmp_path: Path):
    app, tool = tmp_path / "app.json", tmp_path / "tool.json"
    await _pair(app, tool)
    async with Radio() as radio:
        adapter = await radio.adapter(bonds=app)
        bench = await Bench(radio, bonds=tool).start()
        keys = await adapter.keys.get(bench.address)
        assert keys is not None
        assert keys.ltk is not None
        keys.ltk.value = bytes(16)
        await adapter.keys.update(bench.address, keys)
        with pytest.raises(BleakError):
            await connected(bench)


@on_virtual_time
async def test_pairing_does_not_outlast_the_link():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        radio.out_of_range(bench.address)
        with pytest.raises(BleakError, match="broke"):
            await client.pair()
        radio.out_of_range(bench.address, out=False)
        await client.connect()
        await client.pair()
        assert await client.read_gatt_char(SECRET) == b"secret"


@on_virtual_time
async def test_a_file_that_holds_no_bonds_is_named(tmp_path: Path):
    path = tmp_path / "bonds.json"
    path.write_text("not json")
    with pytest.raises(KeyStoreError, match=r"bonds\.json is not a file of Bluetooth bonds"):
        await key_store(path, "x").get("y")
    async with Radio() as radio:
        with pytest.raises(KeyStoreError):
            await radio.adapter(bonds=path)


@on_virtual_time
async def test_forgetting_a_bond_that_is_not_there_is_no_error(tmp_path: Path):
    await key_store(tmp_path / "bonds.json", "x").delete("y")
    await key_store(None, "x").delete("y")
