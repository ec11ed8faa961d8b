"""docs/conformance.md and docs/ops.md of the JSON documents that stint-conformance writes.

Tables hold counts and names only, so that the same verdicts give the same text on every machine.
"""

import collections

import onnx

GENERATED = ("<!-- Written by tools/conformance/suites.py --write-docs; tools/test --all compares it "
             "with a fresh run. -->\n")
VERDICTS = ["PASS", "UNSUPPORTED", "EXPECTED FAILURE", "FAIL"]
# (label, largest distance): the first bucket that holds a case counts it.
BUCKETS = [("0", 0), ("1", 1), ("2 to 10", 10), ("11 to 64", 64), ("above 64", float("inf"))]
DOMAINS = ["", "ai.onnx.ml", "ai.onnx.preview.training"]


def node_suite(run):
    """The name of the newest release's node cases."""
    return f"node-{'.'.join(onnx.__version__.split('.')[:2])}"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def qualified(domain, op):
    return f"{domain}.{op}" if domain else op


def totals_table(runs):
    rows = []
    for suite in runs[0]["totals"]:
        for run in runs:
            counts = run["totals"][suite]
            rows.append([suite, run["via"], sum(counts.values()), *(counts[v] for v in VERDICTS)])
    return table(["Suite", "Via", "Cases", "Pass", "Unsupported", "Expected failure", "Fail"], rows)


def float32_distances(run):
    """{case: largest distance in ULP} of the passing node cases that have a float32 output."""
    distances = {}
    for case, result in run["cases"].items():
        if result["verdict"] != "PASS" or not case.startswith(node_suite(run) + "/"):
            continue
        ulps = [output["ulp"] for output in result["outputs"]
                if output and output["dtype"] == "float32"]
        if ulps:
            distances[case] = max(ulps)
    return distances


def ulp_section(run):
    distances = float32_distances(run)
    counts = collections.Counter(
        next(label for label, most in BUCKETS if distance <= most)
        for distance in distances.values())
    total = max(len(distances), 1)
    rows, so_far = [], 0
    for label, _ in BUCKETS:
        so_far += counts[label]
        rows.append([label, counts[label], f"{100 * so_far / total:.1f} %"])
    text = table(["ULP", "Cases", "Up to here"], rows)
    text += reasons_of(run, "inexact", "Measured from float64 values, over all suites "
                       "(`tests/conformance/inexact.txt`); what is stored is")
    far = [f"`{case.partition('/')[2]}`" for case, distance in sorted(distances.items())
           if BUCKETS[2][1] < distance <= BUCKETS[3][1]]
    text += f"\n{BUCKETS[3][0]} ULP: {', '.join(far) or 'none'}.\n"
    return text + reasons_of(run, "distant",
                             "Above 64 ULP, over all suites (`tests/conformance/distant.txt`)")


def reasons_of(run, key, title):
    reasons = group_by_reason({case: result[key] for case, result in run["cases"].items()
                               if key in result})
    return f"\n{title}:\n\n{reasons}" if reasons else ""


def group_by_reason(reasons):
    """A list of reasons with the cases of each; {case: reason}."""
    cases = collections.defaultdict(lambda: collections.defaultdict(list))
    for case, reason in reasons.items():
        suite, _, name = case.partition("/")
        cases[reason][name].append(suite)
    text = ""
    for reason in sorted(cases):
        names = cases[reason]
        shown = ", ".join(f"`{name}` ({', '.join(sorted(set(suites)))})"
                          for name, suites in sorted(names.items()))
        text += f"- {reason}: {shown}.\n"
    return text


def unsupported_table(run):
    counts = collections.defaultdict(collections.Counter)
    for case, result in run["cases"].items():
        if result["verdict"] == "UNSUPPORTED":
            node = result["unsupported"]
            operator = qualified(node["domain"], node["op"])
            counts[operator, node["reason"]][case.partition("/")[0]] += 1
    rows = [[f"`{operator}`", reason, by_suite[node_suite(run)], sum(by_suite.values())]
            for (operator, reason), by_suite in sorted(counts.items())]
    return table(["Operator", "Reason", f"Cases of {node_suite(run)}", "Cases of all suites"], rows)


def conformance_page(runs):
    run = runs[0]
    failures = group_by_reason({case: result["detail"] for case, result in run["cases"].items()
                                if result["verdict"] == "EXPECTED FAILURE"})
    return f"""{GENERATED}
# Conformance

ONNX's own backend-test cases on the device `{run["device"]}`: each is compiled in process and run
from memory (`onnx`) or from a plan file (`plan`). Outputs must have the dtype and shape of the
expected ones and agree by ONNX's tolerance, |actual - expected| <= 1e-7 + 1e-3 |expected|, NaN equal
to NaN; integers and bools must be equal.

{totals_table(runs)}
An unsupported case is refused by the compiler with the operator, its version, the operands' types and
a reason. Which cases may be unsupported (`tests/conformance/unsupported.txt`) and which must fail
(`tests/conformance/expected_failures.txt`) is verified both ways.

Run it: `stint-conformance --data DIR`, or all suites with `tools/conformance/suites.py`.

## Other machines and sanitizers

`stint-conformance --runner COMMAND` compiles and compares on the host, and runs the plans where the
command reaches `stint-conformance-runner`, one static file that stands on `stint.h` alone: plans and
tensors pass through its stdin and stdout (`tools/conformance/runner/protocol.h`). A runner that
crashes or hangs fails the case that it is at and is started anew. `tests/cross/run.py` does so under
qemu, for 64-bit ARM on `-cpu max` and `-cpu cortex-a53` and for 32-bit ARM, held against the
lists of failures and unsupported cases; a board is reached by

    stint-conformance --data DIR --runner 'ssh BOARD ./stint-conformance-runner'

`tools/conformance/suites.py --bin build/asan/bin --newest --via onnx` runs the suites of the newest
release in a build with AddressSanitizer and UndefinedBehaviorSanitizer, which suppresses nothing.

## Distance

The largest distance of a float32 output of a passing case of {node_suite(run)}, in units in the last
place of the expected value. Elements at most one epsilon (2^-23) apart count as equal. What a case
stores was computed in float32 as well, or rounded to a few decimals: where a result is more than 10
ULP from it, but at most 10 from what ONNX's reference evaluator gives for the same model in float64,
the distance is that from the float64 values. Both are checked for each case of the list
below; the counts of this page are checked as a whole (`suites.py --check-docs`).

{ulp_section(run)}
## Expected failures

{failures}
## Unsupported

The first node of each case that was refused.

{unsupported_table(run)}"""


def newest_versions(schemas):
    """{(domain, op): [since versions]} of the operators that are not deprecated."""
    versions = collections.defaultdict(set)
    deprecated = set()
    for schema in schemas:
        versions[schema.domain, schema.name].add(schema.since_version)
        if schema.deprecated:
            deprecated.add((schema.domain, schema.name))
    return {key: sorted(found) for key, found in versions.items()
            if key not in deprecated and key[0] in DOMAINS}


def since(versions, opset):
    """The version of an operator that an opset means."""
    return max((version for version in versions if version <= opset), default=None)


def passing_operators(run, known):
    """{(domain, op): (versions, dtypes, cases)} of what passing cases show."""
    seen = {key: (set(), set(), []) for key in known}
    for case, result in run["cases"].items():
        if result["verdict"] != "PASS":
            continue
        for used in result["operators"]:
            key = (used["domain"], used["op"])
            if key not in known:
                continue
            versions, dtypes, cases = seen[key]
            versions.add(since(known[key], used["opset"]))
            dtypes.update(used["dtypes"])
            cases.append(case)
    return seen


def numbers(versions):
    return ", ".join(str(version) for version in sorted(versions)) or "-"


def ops_page(runs):
    run = runs[0]
    known = newest_versions(onnx.defs.get_all_schemas_with_history())
    seen = passing_operators(run, known)
    rows, without = [], []
    for (domain, op), (versions, dtypes, cases) in sorted(seen.items()):
        name = f"`{qualified(domain, op)}`"
        if not cases:
            without.append(name)
            continue
        untried = set(known[domain, op]) - versions
        rows.append([name, numbers(versions), numbers(untried), ", ".join(sorted(dtypes)) or "-",
                     len(cases), run["device"]])
    return f"""{GENERATED}
# Operators

What passing cases show, over all suites of [conformance.md](conformance.md): {len(rows)} of
{len(known)} operators of ONNX {onnx.__version__}. A version is the opset that gave the operator its
present meaning. Dtypes are those of first operands and first results, as far as models declare them.
A version or dtype without a case may work all the same: `stint check model.onnx` tells.

{table(["Operator", "Versions seen", "Versions without a case", "Dtypes", "Cases", "Device"], rows)}
Without a passing case: {", ".join(without)}.
"""


def render(runs):
    """{file name: text}. The first of `runs` is from ONNX; others only add to the totals."""
    return {"conformance.md": conformance_page(runs), "ops.md": ops_page(runs)}
