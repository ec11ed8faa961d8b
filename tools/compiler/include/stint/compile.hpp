// Stint's compiler for C++20: owners over compile.h, which says what a call does and fails with.
// Header only, as stint.hpp is.
#ifndef STINT_COMPILE_HPP_
#define STINT_COMPILE_HPP_

#include <stint/compile.h>

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stint/stint.hpp>
#include <string>
#include <vector>

namespace stint::api {

// stint_unsupported_node with texts of its own.
struct UnsupportedNode {
  std::string name;
  std::string op;
  std::string domain;
  int64_t version = 0;
  std::string operands;
  std::string reason;
};

// stint_compile_options with C++ types.
struct CompileOptions {
  std::map<std::string, std::vector<int64_t>> shapes = {};
  std::map<std::string, int64_t> symbols = {};
  std::string targets = {};
  uint64_t fold_budget = 0;
  // Set: STINT_COMPILE_CONSTANT_INITIALIZERS, but for these.
  std::optional<std::vector<std::string>> overridable = {};
  bool keep_halves = false;  // STINT_COMPILE_KEEP_HALVES
};

// The bytes of a plan.
class PlanBytes {
 public:
  explicit PlanBytes(stint_plan_bytes* bytes) : handle_(bytes) {}
  // Where Plan::FromMemory can borrow them.
  std::span<const std::byte> span() const {
    return {static_cast<const std::byte*>(stint_plan_bytes_data(handle_.get())),
            stint_plan_bytes_size(handle_.get())};
  }

 private:
  struct Destroy {
    void operator()(stint_plan_bytes* bytes) const { stint_plan_bytes_destroy(bytes); }
  };
  std::unique_ptr<stint_plan_bytes, Destroy> handle_;
};

// Calls compile(&options, &bytes, &error) with the options as C has them.
template <typename Compile>
PlanBytes CompileWith(const Compile& compile, const CompileOptions& options,
                      std::vector<UnsupportedNode>* unsupported) {
  std::vector<stint_input_shape> shapes;
  for (const auto& [name, shape] : options.shapes) {
    shapes.push_back({name.c_str(), static_cast<int32_t>(shape.size()), 0, shape.data()});
  }
  std::vector<stint_symbol_value> symbols;
  for (const auto& [name, value] : options.symbols) symbols.push_back({name.c_str(), value});
  stint_compile_options own = STINT_COMPILE_OPTIONS_INIT;
  own.shapes = shapes.data();
  own.shape_count = shapes.size();
  own.symbols = symbols.data();
  own.symbol_count = symbols.size();
  own.fold_budget = options.fold_budget;
  own.targets = options.targets.c_str();
  if (options.keep_halves) own.flags |= STINT_COMPILE_KEEP_HALVES;
  std::vector<const char*> overridable;
  if (options.overridable) {
    own.flags |= STINT_COMPILE_CONSTANT_INITIALIZERS;
    for (const std::string& name : *options.overridable) overridable.push_back(name.c_str());
    own.overridable = overridable.data();
    own.overridable_count = overridable.size();
  }
  own.user = unsupported;
  if (unsupported != nullptr) {
    own.unsupported = [](void* user, const stint_unsupported_node* node) {
      static_cast<std::vector<UnsupportedNode>*>(user)->push_back(
          {node->name, node->op, node->domain, node->version, node->operands, node->reason});
    };
  }
  stint_plan_bytes* bytes = nullptr;
  Check(compile, &own, &bytes);
  return PlanBytes(bytes);
}

// Compiles an ONNX file. Before it throws, each node that cannot be compiled is appended to
// `unsupported`, unless that is null.
inline PlanBytes CompileFile(const std::string& path, const CompileOptions& options = {},
                             std::vector<UnsupportedNode>* unsupported = nullptr) {
  const auto compile = [&](const stint_compile_options* own, stint_plan_bytes** bytes,
                           stint_error* error) {
    return stint_compile_file(path.c_str(), own, bytes, error);
  };
  return CompileWith(compile, options, unsupported);
}
// The same of a model in memory; `path` is its name in errors, and where external data lies.
inline PlanBytes CompileMemory(std::span<const std::byte> model, const std::string& path,
                               const CompileOptions& options = {},
                               std::vector<UnsupportedNode>* unsupported = nullptr) {
  const auto compile = [&](const stint_compile_options* own, stint_plan_bytes** bytes,
                           stint_error* error) {
    return stint_compile_memory(model.data(), model.size(), path.c_str(), own, bytes, error);
  };
  return CompileWith(compile, options, unsupported);
}

}  // namespace stint::api

#endif  // STINT_COMPILE_HPP_
