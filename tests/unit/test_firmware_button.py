"""Short, double and long presses as the tool tells them apart."""

import pytest

from firmware_bridge.tool import ButtonPress
from protocols.events import Press
from simulator.firmware_button import Button
from simulator.presses import edges_of, held_ns

MS = 1000


def pressed(*edges_ms: int, until_ms: int = 3000) -> list[tuple[ButtonPress, int, int]]:
    """Play edges (down, up, down, ...); return (press, its time, when it was said), ms."""
    button = Button()
    said: list[tuple[ButtonPress, int, int]] = []
    edges = dict.fromkeys(edges_ms)
    down = False
    for now_ms in range(until_ms):
        if now_ms in edges:
            down = not down
            presses = button.moved(down=down, now_us=now_ms * MS)
        else:
            presses = button.due(now_ms * MS)
        said += [(press, first_us // MS, now_ms) for press, first_us in presses]
    return said


def test_a_short_press_is_said_once_no_second_one_can_come() -> None:
    assert pressed(100, 200) == [(ButtonPress.SHORT, 100, 451)]


def test_a_slow_short_press_is_said_at_its_end() -> None:
    assert pressed(100, 600) == [(ButtonPress.SHORT, 100, 600)]


@pytest.mark.parametrize("second_ms", [250, 449, 450])
def test_a_second_press_within_350_ms_makes_it_double(second_ms: int) -> None:
    assert pressed(100, 200, second_ms, second_ms + 80) == [(ButtonPress.DOUBLE, 100, second_ms + 80)]


def test_a_later_press_is_another_short_one() -> None:
    assert [press for press, _, _ in pressed(100, 200, 451, 500)] == [ButtonPress.SHORT, ButtonPress.SHORT]


def test_a_long_press_is_said_at_800_ms_while_still_down() -> None:
    assert pressed(100, 2000) == [(ButtonPress.LONG, 100, 900)]


def test_a_press_just_under_800_ms_is_short() -> None:
    assert [press for press, _, _ in pressed(100, 899)] == [ButtonPress.SHORT]


def test_a_second_press_that_is_held_means_too_much() -> None:
    assert pressed(100, 200, 300, 2000) == [(ButtonPress.LONG, 100, 1100)]


def test_a_release_that_comes_late_still_tells_a_long_press() -> None:
    button = Button()
    button.moved(down=True, now_us=0)
    assert button.moved(down=False, now_us=2_000_000) == [(ButtonPress.LONG, 0)]
    assert button.is_idle


def test_repeated_edges_change_nothing() -> None:
    button = Button()
    assert button.moved(down=False, now_us=0) == []
    button.moved(down=True, now_us=1000)
    button.moved(down=True, now_us=700_000)
    assert button.due(801_000) == [(ButtonPress.LONG, 1000)]


@pytest.mark.parametrize(
    ("meant", "understood"),
    [
        (Press.SHORT, ButtonPress.SHORT),
        (Press.DOUBLE, ButtonPress.DOUBLE),
        (Press.LONG, ButtonPress.LONG),
    ],
)
def test_the_finger_presses_what_the_tool_understands(meant: Press, understood: ButtonPress) -> None:
    edges_ms = [at_ns // 1_000_000 for at_ns, _ in edges_of(meant, 50_000_000)]
    assert [(press, at_ms) for press, at_ms, _ in pressed(*edges_ms)] == [(understood, 50)]
    assert edges_ms[-1] - edges_ms[0] == held_ns(meant) // 1_000_000
