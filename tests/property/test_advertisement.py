import pytest
from bumble import hci
from bumble.device import Advertisement
from hypothesis import given
from hypothesis import strategies as st

from simulator.advertisement import advertisement_data, advertising_bytes

ADDRESS = hci.Address("F0:00:00:00:00:01")


@given(st.binary(max_size=31))
def test_any_bytes_are_some_advertisement(octets: bytes):
    data = advertisement_data(Advertisement(ADDRESS, rssi=-42, data_bytes=octets))
    assert data.rssi == -42


@given(
    st.lists(st.integers(0, 0xFFFF), max_size=3, unique=True),
    st.text(max_size=4),
    st.none() | st.integers(-127, 20),
    st.none() | st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=2)),
)
def test_what_is_advertised_is_what_is_heard(
    services: list[int], name: str, tx_power: int | None, maker: tuple[int, bytes] | None
):
    uuids = [f"{uuid:04x}" for uuid in services]
    try:
        octets = advertising_bytes(
            service_uuids=tuple(uuids), name=name, tx_power_dbm=tx_power, manufacturer_data=maker
        )
    except ValueError:
        # Beyond 31 octets; that much must not be refused otherwise.
        assert 3 + 2 + 2 * len(uuids) + 2 + len(name.encode()) + 3 + 6 > 31
        return
    data = advertisement_data(Advertisement(ADDRESS, data_bytes=octets))
    assert data.service_uuids == [f"0000{uuid}-0000-1000-8000-00805f9b34fb" for uuid in uuids]
    assert (data.local_name or "", data.tx_power) == (name, tx_power)
    assert data.manufacturer_data == (dict([maker]) if maker else {})


def test_31_octets_are_the_most():
    assert len(advertising_bytes(name="x" * 26)) == 31
    with pytest.raises(ValueError, match="31 octets"):
        advertising_bytes(name="x" * 27)
