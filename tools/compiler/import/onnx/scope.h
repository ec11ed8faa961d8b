// What the names of a graph stand for while it is imported. A graph of an attribute sees the names
// around it and may hide them; the body of a function has a scope of its own.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_SCOPE_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_SCOPE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "onnx/onnx-ml.pb.h"
#include "runtime/base/status.h"
#include "tools/compiler/graph/graph.h"

namespace stint::compiler {

struct Scope {
  std::map<std::string, View> views;
  // Results of nodes that cannot be imported.
  std::set<std::string> poisoned;
  // Types of inputs and initialisers that plans do not hold, by name.
  std::map<std::string, std::string> foreign;
  // Opsets by domain, "" for ai.onnx.
  std::map<std::string, int64_t> versions;
  // Of the graph or function that is imported: empty for the model's graph.
  std::string place;
  // What the names of nodes begin with, for a person: "layer/" in a function that node 'layer'
  // calls.
  std::string prefix;
};

// "" for the domain of ONNX, which has two names.
std::string DomainOf(const std::string& domain);

// What a name stands for around a graph that has the same name.
struct HiddenName {
  std::string name;
  std::map<std::string, View>::node_type view;
  std::map<std::string, std::string>::node_type foreign;
  std::set<std::string>::node_type poisoned;
};

// Takes away what all names that the graph gives stand for around it.
std::vector<HiddenName> HideNames(const onnx::GraphProto& graph, Scope& scope);

// Forgets the names of the graph and brings back what they stood for.
void RestoreNames(std::vector<HiddenName> hidden, Scope& scope);

// The prefix in a function that node `name` calls; that around it where it would be long.
std::string InnerPrefix(const std::string& around, const std::string& name);

// Gives the inputs of a function what the operands of `call` stand for; those that the call leaves
// out are no operands inside either. kInvalid: too many operands or results, an operand without a
// value, an input twice.
Status BindOperands(const onnx::NodeProto& call, const onnx::FunctionProto& function,
                    const Scope& around, Scope& inside);

// Gives the results of `call` what the outputs of its function stand for. kInvalid: an output
// without a value, a result whose name has one.
Status BindResults(const onnx::NodeProto& call, const onnx::FunctionProto& function,
                   const Scope& inside, Scope& around);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_SCOPE_H_
