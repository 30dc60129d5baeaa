"""One side of a radio in two processes, for tests: `offer`, or `app HOST:PORT`. Runs until it is killed."""

import asyncio
import sys

from bleak import BleakClient

from simulator.radio import Radio, open_adapter
from tests.radio_bench import NOTIFIES, Bench


async def offer() -> None:
    async with Radio() as radio:
        bench = await Bench(radio).start()
        offered = await radio.offer("127.0.0.1:0")
        sys.stdout.write(f"{offered.address} {bench.address}\n")
        sys.stdout.flush()
        while True:
            await bench.notify(b"tick")
            await asyncio.sleep(0.01)


async def app(where: str, address: str) -> None:
    async with await open_adapter(f"tcp-client:{where}") as adapter:
        client = BleakClient(address, backend=adapter.backend.client)
        await client.connect()
        got = asyncio.Event()
        await client.start_notify(NOTIFIES, lambda _, value: got.set())
        await got.wait()
        sys.stdout.write("streaming\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(offer() if sys.argv[1] == "offer" else app(sys.argv[2], sys.argv[3]))
