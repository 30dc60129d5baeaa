"""Weights on a simulated tool: a force that stays what it was made."""

from simulator.tool_output import Actuate


class DeadWeights:
    """A source of force that does not move."""

    def __init__(self) -> None:
        self._force_n = 0.0

    def put_on(self, force_n: float) -> None:
        """Have this much on it, newtons."""
        self._force_n = force_n

    def force_n(self, now_ns: int) -> float | None:
        """Return the force."""
        del now_ns
        return self._force_n

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        """Press no button."""
        del until_ns
        return []

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        """Feel nothing."""
