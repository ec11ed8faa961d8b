// Which operators a case shows: what the generated tables count.
#ifndef STINT_TOOLS_CONFORMANCE_OPERATORS_H_
#define STINT_TOOLS_CONFORMANCE_OPERATORS_H_

#include "onnx/onnx-ml.pb.h"
#include "tools/stint/console.h"

namespace stint::conformance {

// Each operator of the model, its subgraphs and functions once: {"domain", "op", "opset",
// "dtypes"}. The dtypes are those of first operands and first results, as far as the model
// declares them.
cli::Json OperatorsOf(const onnx::ModelProto& model);

}  // namespace stint::conformance

#endif  // STINT_TOOLS_CONFORMANCE_OPERATORS_H_
