"""The table of op cases: every op of the instruction set, odd sizes, several dtypes, views.

A case never names a device. `python cases.py` prints how many there are of each op.
"""

import collections
import pathlib
import re

import cases_data
import cases_map
import cases_normalize
import cases_numeric
import cases_recurrent
import cases_selection
import cases_signal
import cases_window

OPS = pathlib.Path(__file__).resolve().parents[2] / "runtime/ops/ops.inc"


def all_cases():
    """Every case, in a fixed order; titles are unique and every op has some."""
    cases = [case for family in (cases_map, cases_data, cases_window, cases_numeric,
                                  cases_normalize, cases_recurrent, cases_selection, cases_signal)
             for case in family.cases()]
    counts = collections.Counter(case.title for case in cases)
    repeated = [title for title, count in counts.items() if count > 1]
    if repeated:
        raise ValueError(f"found titles used twice: {repeated[:5]}, allowed unique ones")
    missing = set(re.findall(r"^STINT_OP\(\d+, (\w+)\)", OPS.read_text(), re.M))
    missing -= {case.op for case in cases}
    if missing:
        raise ValueError(f"found no case of {sorted(missing)}, allowed ops with cases")
    return cases


if __name__ == "__main__":
    for op, count in collections.Counter(case.op for case in all_cases()).items():
        print(f"{op}: {count}")
