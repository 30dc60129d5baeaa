"""Which tool `--radio` without a name means."""

import asyncio
import io

import pytest
from bleak.backends.device import BLEDevice
from rich.console import Console

from controller import scan
from controller.errors import UsageError
from firmware_bridge.discovery import FoundTool
from firmware_bridge.drivers import DRIVERS
from firmware_bridge.errors import ToolNotFoundError


def found(*numbers: str) -> list[FoundTool]:
    return [
        FoundTool(
            f"F0:00:00:00:00:{n}", f"HW-00{n}", -50, DRIVERS["holdwell"], BLEDevice(n, f"Holdwell Tool 00{n}", None)
        )
        for n in numbers
    ]


def meant(monkeypatch: pytest.MonkeyPatch, tools: list[FoundTool], last_used: str | None = None) -> str:
    async def in_reach(_spec: str | None, _seconds: float) -> list[FoundTool]:
        return tools

    monkeypatch.setattr(scan, "in_reach", in_reach)
    return asyncio.run(scan.the_one("usb:0", last_used, Console(file=io.StringIO())))


def test_it_is_the_only_one(monkeypatch):
    assert meant(monkeypatch, found("01")) == "F0:00:00:00:00:01"
    assert meant(monkeypatch, found("01"), "HW-0099") == "F0:00:00:00:00:01"


@pytest.mark.parametrize("last_used", ["HW-0002", "Holdwell Tool 0002", "F0:00:00:00:00:02"])
def test_of_several_it_is_the_one_last_used(monkeypatch, last_used):
    assert meant(monkeypatch, found("01", "02", "03"), last_used) == "F0:00:00:00:00:02"


@pytest.mark.parametrize("last_used", [None, "HW-0099"])
def test_of_several_unknown_ones_none_is_taken_and_all_are_listed(monkeypatch, last_used):
    listed = r"HW-0001 \(F0:00:00:00:00:01\), HW-0002 \(F0:00:00:00:00:02\); give the one you mean with --tool"
    with pytest.raises(UsageError, match=listed):
        meant(monkeypatch, found("01", "02"), last_used)


def test_none_is_said(monkeypatch):
    with pytest.raises(ToolNotFoundError, match="no tool is in reach"):
        meant(monkeypatch, [])
