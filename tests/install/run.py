#!/usr/bin/env python3
"""What an app developer does: installs Stint, builds the examples against the installed package in an
empty folder, by find_package (shared, static) and by pkg-config, runs them and compares the numbers.

    run.py --build DIR [--voice MODEL.onnx]

Ends with `N passed, N failed`. Expected numbers are worked out here by NumPy. --voice: the voice-activity
model silero_vad_flat16k of tools/models/models.json, which the example with state streams; then ONNX
Runtime says what is right.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parents[2]


def check(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
    return done.stdout


def save(path, nodes, inputs, outputs, constants=(), dtype=TensorProto.FLOAT):
    graph = helper.make_graph(
        nodes, "model", [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs],
        [helper.make_tensor_value_info(n, dtype, s) for n, s in outputs],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9),
              path)


def channels_model(path):
    """A 1x1 convolution with one channel out: of pixels (0, 1, 2) it gives the same everywhere."""
    weight = np.array([5, 7, 11], np.float32).reshape(1, 3, 1, 1)
    save(path, [helper.make_node("Conv", ["x", "w"], ["y"])],
         [("x", [1, 3, 4, 4])], [("y", [1, 1, 4, 4])], [("w", weight)])
    return {"ones": float(16 * weight.sum()), "pixels": float(16 * (weight.ravel() @ [0, 1, 2]))}


def stream_model(path):
    """A leaky integrator: level' = level / 2 + x, the first output is twice that."""
    half, two = np.array(0.5, np.float32), np.array(2, np.float32)
    save(path, [helper.make_node("Mul", ["level", "half"], ["decayed"]),
                helper.make_node("Add", ["decayed", "x"], ["next"]),
                helper.make_node("Mul", ["next", "two"], ["y"])],
         [("x", [1]), ("level", [1])], [("y", [1]), ("next", [1])], [("half", half), ("two", two)])
    level, expected = 0.0, []
    for _ in range(4):
        level = level / 2 + 1
        expected.append(2 * level)
    return expected


def bytes_model(path):
    """Its output has fewer bytes than a reader of float32 would look at."""
    save(path, [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.UINT8)],
         [("x", [5])], [("y", [5])], dtype=TensorProto.UINT8)


class Package:
    """An installed Stint in a folder of its own, with models and their answers."""

    def __init__(self, build, folder):
        self.folder = folder
        self.prefix = folder / "prefix"
        check("cmake", "--install", build, "--prefix", self.prefix)
        self.stint = self.prefix / "bin/stint"
        self.plans = {}
        self.channels = channels_model(folder / "channels.onnx")
        self.stream = stream_model(folder / "stream.onnx")
        bytes_model(folder / "bytes.onnx")
        for name in ["channels", "stream", "bytes"]:
            self.plans[name] = folder / f"{name}.stint"
            check(self.stint, "compile", folder / f"{name}.onnx", "-o", self.plans[name])

    def library_folder(self):
        return next(self.prefix.glob("**/libstint.a")).parent

    def configure(self, example, link):
        build = self.folder / f"{example}-{link}"
        check("cmake", "-G", "Ninja", "-S", self.folder / "examples" / example, "-B", build,
              f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DSTINT_LINK={link}")
        check("cmake", "--build", build)
        return build

    def check_c(self, program, **options):
        number = float(check(program, self.plans["channels"], **options))
        assert number == self.channels["ones"], f"found {number}, allowed {self.channels['ones']}"

    def c_by_cmake(self, link):
        program = self.configure("c", link) / "run_plan"
        self.check_c(program)
        refused = subprocess.run([program, self.plans["bytes"]], capture_output=True, text=True)
        assert refused.returncode == 1 and "uint8" in refused.stderr, refused

    def c_by_pkg_config(self, *flags):
        library = self.library_folder()
        environment = {**os.environ, "PKG_CONFIG_PATH": str(library / "pkgconfig"),
                       "LD_LIBRARY_PATH": str(library)}
        options = check("pkg-config", "--cflags", "--libs", *flags, "stint", env=environment).split()
        program = self.folder / f"run_plan{''.join(flags)}"
        if flags:  # The linker takes a shared library where there is one.
            options = ["-l:libstint.a" if option == "-lstint" else option for option in options]
        check("cc", self.folder / "examples/c/run_plan.c", *options, "-o", program)
        self.check_c(program, env=environment)

    def cpp_by_cmake(self, link):
        build = self.configure("cpp", link)
        number = float(check(build / "nhwc_input", self.plans["channels"]))
        assert number == self.channels["pixels"], f"found {number}"
        steps = check(build / "stream_state", self.plans["stream"], "next", "level", "4").split()
        assert [float(step) for step in steps] == self.stream, f"found {steps}"
        if link == "static" and (build / "compile_and_run").exists():
            line = check(build / "compile_and_run", self.folder / "channels.onnx")
            assert line.startswith("1 inputs, 1 outputs, "), f"found {line}"

    def needs_the_c_library_only(self):
        program = self.folder / "c-static/run_plan"
        for path in [program, next(self.prefix.glob("**/libstint.so"))]:
            lines = check("readelf", "--dynamic", "--wide", path).splitlines()
            names = {line.split("[")[1].split(".so")[0] for line in lines if "(NEEDED)" in line}
            assert names <= {"libc", "libm", "libpthread", "libdl", "ld-linux-x86-64"}, names

    def example_is_forty_lines(self):
        lines = (self.folder / "examples/c/run_plan.c").read_text().splitlines()
        assert len(lines) <= 45, f"found {len(lines)} lines"

    def voice_agrees(self, model):
        import onnxruntime
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        state, expected = np.zeros((2, 1, 128), np.float32), []
        for _ in range(6):
            feeds = {"input": np.ones((1, 576), np.float32), "state": state}
            output, state = session.run(["output", "stateN"], feeds)
            expected.append(output.item())
        plan = self.folder / "voice.stint"
        check(self.stint, "compile", model, "-o", plan)
        found = check(self.folder / "cpp-static/stream_state", plan, "stateN", "state", "6").split()
        np.testing.assert_allclose([float(number) for number in found], expected, rtol=1e-4)

    def refused_configure(self, component, *options):
        """What CMake says of an app that asks for a component that cannot be had."""
        app = self.folder / f"needs-{component}"
        app.mkdir()
        (app / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(odd LANGUAGES C)\n"
            f"find_package(stint CONFIG REQUIRED COMPONENTS static {component})\n")
        done = subprocess.run(["cmake", "-G", "Ninja", "-S", app, "-B", app / "build",
                               f"-DCMAKE_PREFIX_PATH={self.prefix}", *options],
                              capture_output=True, text=True)
        assert done.returncode != 0, done.stdout
        return " ".join(done.stderr.split())

    def an_unknown_component_is_named(self):
        error = self.refused_configure("teapot")
        assert "found no component 'teapot'" in error, error

    def the_compiler_without_protobuf_says_so(self):
        error = self.refused_configure("compiler", "-DCMAKE_DISABLE_FIND_PACKAGE_Protobuf=ON")
        assert "found no Protobuf" in error and "libprotobuf-dev" in error, error


def steps(package, voice):
    yield "C, find_package, shared", lambda: package.c_by_cmake("shared")
    yield "C, find_package, static", lambda: package.c_by_cmake("static")
    yield "C, pkg-config", package.c_by_pkg_config
    yield "C, pkg-config --static", lambda: package.c_by_pkg_config("--static")
    yield "C++, find_package, shared", lambda: package.cpp_by_cmake("shared")
    yield "C++, find_package, static", lambda: package.cpp_by_cmake("static")
    yield "needs the C library only", package.needs_the_c_library_only
    yield "the C example is short", package.example_is_forty_lines
    yield "an unknown component is named", package.an_unknown_component_is_named
    yield "the compiler without Protobuf", package.the_compiler_without_protobuf_says_so
    if voice:
        yield "voice activity, state as in ONNX Runtime", lambda: package.voice_agrees(voice)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--voice", type=pathlib.Path)
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(ROOT / "examples", folder / "examples")
        package = Package(options.build, folder)
        for title, step in steps(package, options.voice):
            try:
                step()
                passed += 1
                print(f"ok    {title}")
            except (AssertionError, RuntimeError) as error:
                failed += 1
                print(f"FAIL  {title}: {error}")
    print(f"install: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
