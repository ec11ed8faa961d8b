"""Prints what `stint bench --json` measured: latency, plan size, memory.

show_bench.py BENCH.json PLAN.stint
"""

import json
import pathlib
import sys


def megabytes(count):
    return f"{count / 1e6:.1f} MB"


def rows(bench, plan_bytes):
    """(what, value) pairs. The keys of `bench` are those of docs/cli.md."""
    run, memory = bench["run_ms"], bench["memory"]
    yield "latency", f"{run['p50']:.1f} ms median, {run['p90']:.1f} ms p90 of {run['count']} runs"
    yield "device", f"{bench['device']}, {bench['threads']} threads"
    yield "load", f"{bench['load_ms']:.1f} ms, first run {bench['first_run_ms']:.1f} ms"
    yield "plan", megabytes(plan_bytes)
    yield "memory", (f"{megabytes(memory['weights_bytes'])} weights, "
                     f"{megabytes(memory['arena_bytes'])} arena, "
                     f"{megabytes(memory['peak_rss_bytes'])} peak of the process")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    measured = json.loads(pathlib.Path(sys.argv[1]).read_text())
    for what, value in rows(measured, pathlib.Path(sys.argv[2]).stat().st_size):
        print(f"{what:8} {value}")
