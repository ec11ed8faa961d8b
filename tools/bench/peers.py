#!/usr/bin/env python3
"""Compares Stint's latency with ONNX Runtime's and OpenVINO's, interleaved.

    peers.py [--stint BINARY] [--threads 1,2] [--rounds N] [--json FILE] [--markdown FILE] [MODEL...]

Each runtime runs in a process of its own, and only one of them at a time: rounds go Stint, ONNX
Runtime, OpenVINO, and again, so that a change of the machine's clock or its neighbours meets all of
them. Others are stopped meanwhile. What counts is the ratio of Stint to the better peer, of minima
and of medians, never a time. MODEL: names of models.json (tools/models), default the seven networks
of tools/models/make_zoo.py. The peers are PyPI packages: tools/dependencies/requirements-bench.txt.
"""

import argparse
import json
import math
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools/models"))

import catalogue  # noqa: E402
import fetch  # noqa: E402
import make_zoo  # noqa: E402

PEERS = ["onnxruntime", "openvino"]
SLOT_SECONDS = 0.4
WARMUP = 3


def load_onnxruntime(model, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return lambda inputs: session.run(None, inputs)


def load_openvino(model, threads):
    import openvino

    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1,
                "INFERENCE_PRECISION_HINT": "f32"}
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    return request.infer


LOADERS = {"onnxruntime": load_onnxruntime, "openvino": load_openvino}


def serve(peer, model, threads, inputs_file):
    """A worker: loads, then measures a slot for each line on stdin."""
    with np.load(inputs_file) as members:
        inputs = {name: members[name] for name in members.files}
    run = LOADERS[peer](model, threads)
    run(inputs)
    print("ready", flush=True)
    for _ in sys.stdin:
        for _ in range(WARMUP):
            run(inputs)
        times, begin = [], time.perf_counter()
        while time.perf_counter() - begin < SLOT_SECONDS or len(times) < 5:
            start = time.perf_counter()
            run(inputs)
            times.append(time.perf_counter() - start)
        print(json.dumps([t * 1e3 for t in times]), flush=True)


class Worker:
    """A peer's process, stopped except while it measures."""

    def __init__(self, peer, model, threads, inputs_file):
        command = [sys.executable, __file__, "--serve", peer, model, str(threads), inputs_file]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        if self.process.stdout.readline() != "ready\n":
            raise SystemExit(f"found that {peer} does not load {model}, allowed a model that it does")
        self.process.send_signal(signal.SIGSTOP)

    def slot(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write("slot\n")
        self.process.stdin.flush()
        times = json.loads(self.process.stdout.readline())
        self.process.send_signal(signal.SIGSTOP)
        return times

    def close(self):
        self.process.kill()
        self.process.wait()


def stint_slot(binary, plan, threads, input_flags):
    """(minimum, median) of one slot of `stint bench`."""
    command = [binary, "bench", plan, "-j", threads, "-w", WARMUP, "-t", SLOT_SECONDS, "-n", 100000,
               "--json", "-", *input_flags]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=True)
    run_ms = json.loads(done.stdout)["run_ms"]
    return run_ms["min"], run_ms["p50"]


def compare(binary, model, threads, rounds, folder):
    """{runtime: {"min": ms, "median": ms}} over all rounds."""
    case = catalogue.case_inputs(model, model.entry["cases"][0])
    inputs_file = folder / f"{model.name}.npz"
    np.savez(inputs_file, **case)
    plan = folder / f"{model.name}.stint"
    subprocess.run([binary, "compile", model.path, "-o", plan], check=True, capture_output=True)
    workers = {peer: Worker(peer, str(model.path), threads, str(inputs_file)) for peer in PEERS}
    slots = {name: [] for name in ["stint", *PEERS]}
    try:
        for _ in range(rounds):
            slots["stint"].append(stint_slot(binary, plan, threads, ["--input", inputs_file]))
            for peer, worker in workers.items():
                times = worker.slot()
                slots[peer].append((min(times), statistics.median(times)))
    finally:
        for worker in workers.values():
            worker.close()
    return {name: {"min": min(low for low, _ in pairs),
                   "median": statistics.median(middle for _, middle in pairs)}
            for name, pairs in slots.items()}


def ratios(result):
    return {kind: result["stint"][kind] / min(result[peer][kind] for peer in PEERS)
            for kind in ("min", "median")}


def markdown(rows):
    lines = ["| model | threads | Stint | ONNX Runtime | OpenVINO | ratio of minima | of medians |",
             "|---|---|---|---|---|---|---|"]
    for row in rows:
        cells = " | ".join(f"{row[name]['min']:.2f} / {row[name]['median']:.2f}"
                           for name in ["stint", *PEERS])
        lines.append(f"| {row['model']} | {row['threads']} | {cells} | {row['ratio']['min']:.2f} | "
                     f"{row['ratio']['median']:.2f} |")
    for threads in sorted({row["threads"] for row in rows}):
        means = [math.exp(statistics.fmean(math.log(row["ratio"][kind]) for row in rows
                                           if row["threads"] == threads))
                 for kind in ("min", "median")]
        lines.append(f"| geometric mean | {threads} | | | | {means[0]:.2f} | {means[1]:.2f} |")
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:2] == ["--serve"]:
        peer, model, threads, inputs_file = sys.argv[2:]
        return serve(peer, model, int(threads), inputs_file)
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--stint", type=pathlib.Path, default=ROOT / "build/host/bin/stint")
    parser.add_argument("--threads", default="1", help="numbers with commas between them")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    options = parser.parse_args()

    models = catalogue.select(options.models or list(make_zoo.ZOO))
    fetch.fetch([model for model in models if model.name not in make_zoo.ZOO])
    make_zoo.make([model.name for model in models if model.name in make_zoo.ZOO])
    rows = []
    with tempfile.TemporaryDirectory(prefix="stint-peers-") as folder:
        for threads in map(int, options.threads.split(",")):
            for model in models:
                result = compare(options.stint, model, threads, options.rounds,
                                 pathlib.Path(folder))
                rows.append({"model": model.name, "threads": threads, **result,
                             "ratio": ratios(result)})
                print(markdown(rows[-1:]).splitlines()[2], flush=True)
    table = markdown(rows)
    print(table, end="")
    if options.json:
        options.json.write_text(json.dumps({"schema": 1, "rows": rows}, indent=1) + "\n")
    if options.markdown:
        options.markdown.write_text(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
