import math
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import wire_force_board, wire_progressor, wire_whc06
from firmware_bridge.errors import WireError
from firmware_bridge.units import NEWTONS_PER_KG, NEWTONS_PER_LB
from firmware_bridge.wire_progressor import Command, LowPower, Reply, Weight, Weights
from firmware_bridge.wire_whc06 import Reading, Unit

PROGRESSOR = bytes.fromhex("01 08 00 00 48 41 D4 30 00 00")
WHC06 = bytes.fromhex("02 03 11 2A C0 19 11 23 E1 01 04 D2 01 F4 01 D4 CB")
FORCE_BOARD = bytes.fromhex("00 02 00 03 E8 00 04 B0")

kilograms = st.floats(-500, 500, width=32)
times_us = st.integers(0, 2**32 - 1)


def test_progressor_published_vector():
    assert wire_progressor.decode(PROGRESSOR) == Weights((Weight(12.5 * NEWTONS_PER_KG, 12_500),))
    assert wire_progressor.encode(wire_progressor.decode(PROGRESSOR)) == PROGRESSOR


@given(st.lists(st.tuples(kilograms, times_us), min_size=1, max_size=wire_progressor.MAX_SAMPLES))
def test_progressor_packets_of_any_length(samples):
    body = b"".join(struct.pack("<fI", kg, at_us) for kg, at_us in samples)
    found = wire_progressor.decode(bytes((1, len(body))) + body)
    assert isinstance(found, Weights)
    assert [(one.force_n / NEWTONS_PER_KG, one.device_us) for one in found.samples] == [
        (pytest.approx(kg, abs=1e-9), at_us) for kg, at_us in samples
    ]
    assert wire_progressor.decode(wire_progressor.encode(found)) == found


@pytest.mark.parametrize("notice", [Reply(b""), Reply(b"1.2.3.4\0"), LowPower()], ids=str)
def test_progressor_other_notices(notice):
    assert wire_progressor.decode(wire_progressor.encode(notice)) == notice


def test_progressor_tells_of_low_power():
    assert wire_progressor.decode(bytes.fromhex("04 00")) == LowPower()


def test_progressor_commands_are_the_published_ones():
    assert [hex(command) for command in Command] == ["0x64", "0x65", "0x66", "0x6b", "0x6f"]


def test_progressor_replies():
    assert wire_progressor.decode(bytes.fromhex("00 04 68 10 00 00")).battery_mv == 4200
    assert Reply(b"1.2.3.4\0").text == "1.2.3.4"
    with pytest.raises(WireError, match="4 bytes"):
        _ = Reply(b"\x01").battery_mv
    with pytest.raises(WireError, match="no text"):
        _ = Reply(b"\xff\xfe").text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        PROGRESSOR[:-1],
        PROGRESSOR + b"\x00",
        b"\x01\x00",
        b"\x01\x09" + PROGRESSOR[2:] + b"\x00",
        b"\x09\x00",
        b"\x01\x08" + struct.pack("<fI", math.nan, 0),
        b"\x01\x08" + struct.pack("<fI", -math.inf, 0),
    ],
    ids=["empty", "no length", "short", "long", "no weight", "split weight", "unknown tag", "nan", "infinite"],
)
def test_progressor_bytes_that_no_device_sends(data):
    with pytest.raises(WireError):
        wire_progressor.decode(data)


def test_progressor_never_calibrates_or_configures():
    forbidden = {0x69, 0x6A, *range(0x70, 0x77)}
    assert not forbidden & set(Command)


@pytest.mark.parametrize(
    "notice",
    [Weights(()), Weights((Weight(1.0, 0),) * 32), Weights((Weight(1.0, 2**32),)), Weights((Weight(1e300, 0),))],
    ids=["none", "too many", "late", "heavy"],
)
def test_progressor_weights_that_do_not_fit(notice):
    with pytest.raises(WireError):
        wire_progressor.encode(notice)


def test_whc06_published_vector():
    assert wire_whc06.decode(WHC06) == Reading(pytest.approx(12.34 * NEWTONS_PER_KG), held=False, counter=0xD4CB)


def test_whc06_a_held_display_and_a_pull_the_other_way():
    held = wire_whc06.decode(WHC06[:14] + b"\xa1" + WHC06[15:])
    assert held.held
    assert held.force_n == pytest.approx(12.34 * NEWTONS_PER_KG)
    pushed = wire_whc06.decode(WHC06[:10] + b"\xff\x9c" + WHC06[12:])
    assert pushed.force_n == pytest.approx(-NEWTONS_PER_KG)


@given(st.integers(-32768, 32767), st.booleans(), st.integers(0, 0xFFFF), st.binary(min_size=6, max_size=6))
def test_whc06_what_is_written_is_read(hundredths, held, counter, address):
    reading = Reading(hundredths / 100 * NEWTONS_PER_KG, held, counter)
    data = wire_whc06.encode(reading, address)
    assert data[3:9] == address
    assert wire_whc06.decode(data) == reading


def test_whc06_other_units_are_refused_with_what_to_do():
    data = wire_whc06.encode(Reading(10.0, held=True, counter=1), bytes(6), Unit.LB)
    assert data[10:12] == b"\x00\xe1"  # 2.25 lb
    with pytest.raises(WireError, match="lb: set it to kg"):
        wire_whc06.decode(data)
    with pytest.raises(WireError, match="unit 7: set it to kg"):
        wire_whc06.decode(data[:14] + b"\x07" + data[15:])


@pytest.mark.parametrize("data", [b"", WHC06[:-1], b"\x02\x03\x12" + WHC06[3:]], ids=["empty", "short", "other"])
def test_whc06_advertisements_of_others(data):
    with pytest.raises(WireError):
        wire_whc06.decode(data)


@pytest.mark.parametrize(
    ("reading", "address"),
    [
        (Reading(1e6, held=False, counter=0), bytes(6)),
        (Reading(math.nan, held=False, counter=0), bytes(6)),
        (Reading(1.0, held=False, counter=-1), bytes(6)),
        (Reading(1.0, held=False, counter=0), bytes(5)),
    ],
    ids=["heavy", "nan", "counter", "address"],
)
def test_whc06_readings_that_do_not_fit(reading, address):
    with pytest.raises(WireError):
        wire_whc06.encode(reading, address)


def test_force_board_published_vector():
    assert wire_force_board.decode(FORCE_BOARD) == (1000 * NEWTONS_PER_LB, 1200 * NEWTONS_PER_LB)
    assert wire_force_board.encode(wire_force_board.decode(FORCE_BOARD)) == FORCE_BOARD


def test_force_board_high_byte_counts_half_of_what_it_looks_like():
    assert wire_force_board.decode(bytes.fromhex("00 01 01 00 00")) == (0x8000 * NEWTONS_PER_LB,)


@given(st.lists(st.integers(0, 0xFF * 0x8000 + 0x7FFF), min_size=1, max_size=40))
def test_force_board_what_is_written_is_read(pounds):
    forces_n = tuple(pound * NEWTONS_PER_LB for pound in pounds)
    assert wire_force_board.decode(wire_force_board.encode(forces_n)) == pytest.approx(forces_n)


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x00", FORCE_BOARD[:-1], FORCE_BOARD + b"\x00"])
def test_force_board_bytes_that_no_board_sends(data):
    with pytest.raises(WireError):
        wire_force_board.decode(data)


@pytest.mark.parametrize("forces_n", [(), (math.nan,), (1e9,)], ids=["none", "nan", "heavy"])
def test_force_board_forces_that_do_not_fit(forces_n):
    with pytest.raises(WireError):
        wire_force_board.encode(forces_n)


@given(st.binary(max_size=260))
@pytest.mark.parametrize("driver", [wire_progressor, wire_whc06, wire_force_board], ids=lambda module: module.__name__)
def test_any_bytes_are_a_value_or_the_wire_error(driver, data):
    with suppress(WireError):
        assert driver.decode(data)
