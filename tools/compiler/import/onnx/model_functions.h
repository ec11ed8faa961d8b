// The functions that a model brings along (ModelProto.functions): which node calls which, what the
// attributes inside are in a call, and how much calls in calls may amount to.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_MODEL_FUNCTIONS_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_MODEL_FUNCTIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "onnx/onnx-ml.pb.h"
#include "runtime/base/result.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

class ModelFunctions {
 public:
  // Takes the model's functions, which must outlive this. kInvalid: two of one name.
  Status Read(const onnx::ModelProto& model);

  // The function that the node calls, by domain, name and overload; nullptr: none. A function wins
  // over an operator of its name.
  const onnx::FunctionProto* Find(const onnx::NodeProto& node) const;

  // A call in `graph` begins and ends. kInvalid: the function is being called already.
  Status Enter(const onnx::FunctionProto& function, const Function& graph);
  void Leave() { calls_.pop_back(); }

  // Counts a node that is about to be imported if it stands in a function. kLimit: all calls
  // together have more nodes, or bytes of them, than a model should.
  Status SpendNode(const onnx::NodeProto& node);
  // Counts the constants that a call has added to the graph since this was asked. kLimit: bytes.
  Status SpendConstants(const Function& graph);

 private:
  Status CheckBytes(uint64_t bytes) const;

  std::map<std::tuple<std::string, std::string, std::string>, const onnx::FunctionProto*>
      functions_;
  std::vector<const onnx::FunctionProto*> calls_;
  uint64_t nodes_ = 0;
  uint64_t node_bytes_ = 0;
  uint64_t constant_bytes_ = 0;
  size_t seen_values_ = 0;  // Of the graph, whose constants are counted.
};

// Whether an attribute of the node, or of a node in its graphs, refers to one of the function.
bool RefersToAttributes(const onnx::NodeProto& node);

// A node of the function's body as it is in `call`: what refers to an attribute of the function
// holds the call's, or the function's default, or is left out. kInvalid: it is of another type.
Result<onnx::NodeProto> BindAttributes(const onnx::NodeProto& node,
                                       const onnx::FunctionProto& function,
                                       const onnx::NodeProto& call);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_MODEL_FUNCTIONS_H_
