"""What all tests share: hypothesis profiles, a data folder of its own, and no test that skips in CI."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("nightly", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts so what it puts into the background, and every process of a test would be deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one worker more than there are cores: tests of whole processes mostly wait for real time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDWELL_DATA", str(tmp_path / "data"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI a test that skips has failed: the machine lacks what the project said it installs."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("HOLDWELL_CI") and "shared" not in str(report.longrepr):
        report.outcome = "failed"
