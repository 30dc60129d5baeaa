"""Every bench that the contract suite runs on."""

from collections.abc import Callable
from typing import Any

import pytest

from firmware_bridge.capabilities import Capabilities, Transport
from tests.contract.scale_bench import ForceBoardBench, ProgressorBench, WHC06Bench
from tests.contract.tool_bench import HoldwellBench

BENCHES = [HoldwellBench, ProgressorBench, WHC06Bench, ForceBoardBench]


def benches(has: Callable[[Capabilities], bool] = lambda _capabilities: True) -> Any:
    """Run a test on each bench whose tool has what is asked for."""
    chosen = [bench for bench in BENCHES if has(bench.capabilities)]
    return pytest.mark.parametrize("kind", chosen, ids=[bench.kind for bench in chosen])


every_bench = benches()
connected_benches = benches(lambda tool: tool.transport is Transport.CONNECTION)
guarding_benches = benches(lambda tool: tool.own_guard)
clocked_benches = benches(lambda tool: tool.own_clock)
measuring_benches = benches(lambda tool: not tool.own_guard)
crediting_scale_benches = benches(lambda tool: not tool.own_guard and tool.credits)
