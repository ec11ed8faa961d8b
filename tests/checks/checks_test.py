"""Each check in tools/checks accepts a sound tree and refuses one with the defect it is there for.

    python3 -m unittest discover -s tests/checks -p '*_test.py'
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECKS = ROOT / "tools/checks"


class CheckTest(unittest.TestCase):
    """Runs checks over small trees that are written for the purpose."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.tree = pathlib.Path(holder.name)

    def write(self, name, content):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run_check(self, *command):
        return subprocess.run([str(part) for part in command], capture_output=True, text=True)

    def assert_accepts(self, *command):
        done = self.run_check(*command)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def assert_refuses(self, *command, because):
        done = self.run_check(*command)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(because, done.stdout)


class CountOpsTest(CheckTest):
    CHECK = (sys.executable, CHECKS / "count_ops.py")
    RULES = "tools/compiler/import/onnx"

    def setUp(self):
        super().setUp()
        self.write("runtime/ops/ops.inc", "// A list.\nSTINT_OP(1, Map)\nSTINT_OP(2, Conv)\n")
        self.write(f"{self.RULES}/rules.cc", "constexpr Family kFamilies[] = {\n    ARules,\n};\n")
        self.write_rules('    {"Conv", Conv},\n    {"Abs", Unary<kAbs>, 7},\n'
                         '    {"Scaler", Scaler, 1, INT64_MAX, kDomain},\n')

    def write_rules(self, rows):
        self.write(f"{self.RULES}/a.cc", "constexpr ImportRule kRules[] = {\n" + rows + "};\n")

    def test_counts_operators_plan_ops_and_lines(self):
        done = self.run_check(*self.CHECK, self.tree)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"are lowered +3\n")
        self.assertRegex(done.stdout, r"without a kernel of their own +2\n")
        self.assertRegex(done.stdout, r"plan ops +2\n")
        self.assertRegex(done.stdout, r"runtime/ops +1 +3\n")

    def test_refuses_rows_that_it_cannot_read_and_tables_that_nobody_lists(self):
        self.write_rules('    {"Conv", Conv, {1}},\n')
        self.assert_refuses(*self.CHECK, self.tree, because="a.cc: found 0 rows of 2")
        self.write(f"{self.RULES}/b.cc", 'constexpr ImportRule kRules[] = {{"B", B}};\n')
        self.assert_refuses(*self.CHECK, self.tree, because="found 1 families, allowed 2")


class IncludeDirectionsTest(CheckTest):
    CHECK = (sys.executable, CHECKS / "include_directions.py")

    def test_accepts_downward_includes(self):
        self.write("runtime/ops/a.cc", '#include "runtime/base/b.h"\n#include <algorithm>\n')
        self.write("runtime/session/a.cc", '#include "runtime/base/b.h"\n')
        self.write("tools/compiler/a.cc", '#include <vector>\n#include "runtime/plan/p.h"\n')
        self.write("tests/unit/a.cc", '#include "runtime/session/b.h"\n#include <vector>\n')
        self.assert_accepts(*self.CHECK, self.tree)

    def test_refuses_each_wrong_direction(self):
        for name, include in [
            ("runtime/base/a.h", '"runtime/ops/b.h"'),
            ("runtime/plan/a.h", '"runtime/memory/b.h"'),
            ("runtime/hal/a.h", '"runtime/plan/b.h"'),
            ("runtime/session/a.h", '"backends/cpu/b.h"'),
            ("runtime/ops/a.h", '"tools/compiler/graph/b.h"'),
            ("backends/cpu/a.h", '"runtime/session/b.h"'),
            ("backends/cpu/a.h", '"backends/null/b.h"'),
            ("tools/compiler/a.h", '"runtime/hal/b.h"'),
            ("tools/stint/a.h", '"backends/cpu/b.h"'),
        ]:
            with self.subTest(name=name, include=include):
                path = self.write(name, f"#include {include}\n")
                self.assert_refuses(*self.CHECK, self.tree, because=f"{name}: found include of")
                path.unlink()

    def test_apps_see_the_public_headers_and_what_is_excepted(self):
        self.write("tools/stint/plan_text.h", '#include "runtime/plan/plan.h"\n')
        self.write("tools/stint/a.cc", '#include <stint/stint.hpp>\n#include "runtime/base/a.h"\n'
                   '#include "runtime/ops/tensor.h"\n#include "tools/compiler/compile.h"\n')
        self.assert_accepts(*self.CHECK, self.tree)

    def test_refuses_the_inside_of_the_runtime_to_apps(self):
        for name, include in [
            ("tools/stint/a.cc", "runtime/plan/plan.h"),
            ("tools/stint/plan_text.h", "runtime/plan/header.h"),
            ("tools/stint/a.h", "runtime/session/session.h"),
            ("tools/conformance/a.cc", "runtime/ops/pool.h"),
        ]:
            with self.subTest(name=name, include=include):
                path = self.write(name, f'#include "{include}"\n')
                self.assert_refuses(*self.CHECK, self.tree, because=f"{name}: found include of")
                path.unlink()

    def test_refuses_allocating_headers_on_devices(self):
        self.write("backends/cpu/a.cc", "#include <vector>\n")
        self.assert_refuses(*self.CHECK, self.tree, because="<vector>")

    def test_refuses_flatbuffers_outside_the_plan(self):
        self.write("runtime/session/a.cc", "#include <flatbuffers/flatbuffers.h>\n")
        self.assert_refuses(*self.CHECK, self.tree, because="flatbuffers/flatbuffers.h")

    def test_refuses_folders_without_a_rule(self):
        self.write("runtime/new/a.cc", "")
        self.assert_refuses(*self.CHECK, self.tree, because="folder without a rule")


class FileLengthsTest(CheckTest):
    CHECK = (sys.executable, CHECKS / "file_lengths.py")

    def test_accepts_600_lines_in_silence(self):
        self.write("a.cc", "x\n" * 600)
        self.assertNotIn("warning", self.run_check(*self.CHECK, self.tree).stdout)
        self.assert_accepts(*self.CHECK, self.tree)

    def test_warns_from_601_lines_on(self):
        self.write("a.cc", "x\n" * 601)
        self.assertIn("warning: a.cc: 601", self.run_check(*self.CHECK, self.tree).stdout)
        self.assert_accepts(*self.CHECK, self.tree)

    def test_refuses_1000_lines(self):
        self.write("a.cc", "x\n" * 1000)
        self.assert_refuses(*self.CHECK, self.tree, because="a.cc: found 1000 lines")


class NoVendoredTest(CheckTest):
    CHECK = (sys.executable, CHECKS / "no_vendored.py")

    def test_accepts_sources(self):
        self.write("CMakeLists.txt", "find_package(Catch2)\n")
        self.write("build/host/x.o", b"\0")
        self.assert_accepts(*self.CHECK, self.tree)

    def test_refuses_what_is_no_source(self):
        for name, content in [
            ("a_generated.h", "x"), ("model.onnx", "x"), ("picture.png", b"\0"),
            ("third_party/a.h", "x"), ("CMakeLists.txt", "FetchContent_Declare(x)"),
            ("big.txt", "x" * 600000),
        ]:
            with self.subTest(name=name):
                path = self.write(name, content)
                self.assert_refuses(*self.CHECK, self.tree, because=f"{name}: found")
                path.unlink()


@unittest.skipUnless(shutil.which("g++"), "needs g++")
class RuntimeSymbolsTest(CheckTest):
    CHECK = (sys.executable, CHECKS / "runtime_symbols.py")

    def library(self, source, *flags):
        """A static library of one source."""
        self.write("a.cc", source)
        library = self.tree / "liba.a"
        compile_command = ["g++", "-std=c++20", "-O2", *flags, "-c", "a.cc", "-o", "a.o"]
        subprocess.run(compile_command, cwd=self.tree, check=True)
        subprocess.run(["ar", "rc", library, "a.o"], cwd=self.tree, check=True)
        return library

    def run_with(self, allow_list):
        return (*self.CHECK, "--allow-list", self.write("allow.txt", allow_list))

    def test_accepts_the_listed_symbols(self):
        library = self.library("#include <cstdlib>\nvoid* F(int n) { return malloc(n); }\n")
        self.assert_accepts(*self.run_with("# libc\nmalloc\n"), library)

    def test_refuses_a_symbol_that_is_not_listed(self):
        library = self.library("int* F(int n) { return new int[n]; }\n")
        self.assert_refuses(*self.run_with(""), library, because="found symbol _Znam")

    def test_refuses_a_listed_symbol_that_nothing_needs(self):
        library = self.library("int F() { return 1; }\n")
        self.assert_refuses(*self.run_with("free\n"), library, because="found free")

    def test_refuses_static_constructors(self):
        source = "int G();\nint x = G();\n"
        self.assert_refuses(*self.run_with("_Z1Gv\n"), self.library(source),
                            because="static constructors")

    def test_refuses_rtti(self):
        source = "struct A { virtual void F(); };\nvoid A::F() {}\n"
        self.assert_accepts(*self.run_with(""), self.library(source, "-fno-rtti"))
        self.assert_refuses(*self.run_with(""), self.library(source), because="found RTTI")

    def test_refuses_guarded_statics(self):
        source = "int G();\nint F() { static int x = G(); return x; }\n"
        self.assert_refuses(*self.run_with(""), self.library(source), because="a guarded static")


@unittest.skipUnless(shutil.which("clang-format-19"), "needs clang-format-19")
class FormatTest(CheckTest):
    CHECK = (CHECKS / "format.sh",)

    def setUp(self):
        super().setUp()
        shutil.copy(ROOT / ".clang-format", self.tree)

    def test_accepts_formatted_code(self):
        self.assert_accepts(*self.CHECK, self.write("a.cc", "int F() { return 1; }\n"))

    def test_refuses_unformatted_code_and_fixes_it(self):
        path = self.write("a.cc", "int  F( ){return 1;}\n")
        self.assert_refuses(*self.CHECK, path, because="a.cc")
        self.assert_accepts(*self.CHECK, "--fix", path)
        self.assertEqual(path.read_text(), "int F() { return 1; }\n")


@unittest.skipUnless(shutil.which("clang-tidy-19"), "needs clang-tidy-19")
class TidyTest(CheckTest):
    """The rules of .clang-tidy; tidy.sh itself is run by `tools/test --all`."""

    def tidy(self, source):
        shutil.copy(ROOT / ".clang-tidy", self.tree)
        path = self.write("a.cc", source)
        return self.run_check("clang-tidy-19", "--quiet", path, "--", "-std=c++20")

    def test_accepts_names_as_agreed(self):
        self.assertEqual(self.tidy("int Twice(int value) { return 2 * value; }\n").returncode, 0)

    def test_refuses_other_names(self):
        done = self.tidy("int Twice(int aValue) { return 2 * aValue; }\n")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("readability-identifier-naming", done.stdout)


if __name__ == "__main__":
    unittest.main()
