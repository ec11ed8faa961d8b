// A loaded plan: verified, typed and index-checked; immutable and shared between threads and
// sessions. Whatever can be read here is in range: ids point at entries, attributes satisfy their
// field tables, Map programs passed VerifyMap, expressions refer backwards, values are written
// before they are read. What depends on run-time extents is checked when a session binds.
#ifndef STINT_RUNTIME_PLAN_PLAN_H_
#define STINT_RUNTIME_PLAN_PLAN_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/base/array.h"
#include "runtime/base/dim.h"
#include "runtime/base/hash.h"
#include "runtime/base/object.h"
#include "runtime/ops/layouts/layout.h"
#include "runtime/ops/op_table.h"
#include "runtime/plan/limits.h"

namespace stint {

inline constexpr uint32_t kNoIndex = 0xffffffff;

// Names are views into the plan's private metadata; they are UTF-8 of any content.
struct PlanUse {
  uint32_t value = kNoIndex;
  uint32_t view = kNoIndex;  // kNoIndex: the whole value, dense.
};

struct PlanExpression {
  DimOp op = DimOp::kSymbol;
  Dim a, b, c;  // kSymbol: a is the symbol's index.
};

struct PlanCheck {
  Dim a, b;
};

// kComputed: an element of a value that ops of an earlier region write.
enum class SymbolSource : uint8_t { kExtent = 0, kElement = 1, kComputed = 2 };

struct PlanSymbol {
  std::string_view name;
  SymbolSource source = SymbolSource::kExtent;
  uint32_t input = 0;  // Position in PlanFunction::inputs; kComputed: the value.
  uint32_t index = 0;  // The axis, or the row-major element: int32, int64, bool, floats as Reals.
};

struct PlanValue {
  std::string_view name;
  DType dtype = DType::kNone;
  int rank = 0;
  Dim extents[kMaxRank];
  uint32_t constant = kNoIndex;
  bool is_input = false;  // With a constant: optional, the constant is its default.
};

// Another form of a value's constant, for kernels that take its layout as it is.
struct PlanForm {
  uint32_t value = kNoIndex;
  uint32_t constant = kNoIndex;
};

struct PlanView {
  int rank = 0;
  Dim extents[kMaxRank];
  Dim strides[kMaxRank];
  Dim offset;
};

struct PlanOp {
  const OpInfo* info = nullptr;
  std::string_view name;
  const void* attributes = nullptr;  // The op's attribute struct; Dims are the function's.
  std::span<const PlanUse> operands;
  std::span<const PlanUse> results;
};

struct PlanFunction {
  std::string_view name;
  Array<uint32_t> inputs;  // Values, each at most once.
  Array<PlanUse> outputs;
  Array<std::string_view> output_names;  // One an output.
  Array<PlanValue> values;
  Array<PlanForm> forms;  // Ascending by value.
  Array<PlanView> views;
  Array<PlanSymbol> symbols;
  Array<PlanExpression> expressions;
  Array<PlanCheck> checks;
  Array<PlanOp> ops;
  Array<uint32_t> region_sizes;  // Ops a region; they sum to ops.size().
  // Of functions of several regions: the region that writes each value, kNoIndex for inputs,
  // constants and what nothing writes; and the first region that knows each expression.
  Array<uint32_t> value_regions;
  Array<uint32_t> expression_regions;
};

struct PlanConstant {
  Layout layout = Layout::kDense;
  // In the file's mapping, aligned to 64; under 64 bytes in private memory, aligned to 16. What
  // lies behind the last byte may not be there.
  std::span<const uint8_t> bytes;
  Hash128 hash;
};

struct PlanProperty {
  std::string_view key;
  std::string_view value;
};

// What the loader reads of the blob section: `kAll` checks its CRC, every content hash as well;
// `kMetadata` never touches it, so that pages come in when kernels read them.
enum class Verify : uint8_t { kAll, kMetadata };

class Plan final : public Object {
 public:
  // Maps the file. kIo: missing, not a regular file, unreadable. kInvalid: not a plan, damaged, of
  // another format version. kLimit: beyond `limits`.
  static Result<std::unique_ptr<Plan>> Open(const char* path, const Limits& limits, Verify verify);
  // `bytes` are borrowed and must outlive the plan. Where there are constants of 64 bytes and more
  // they must be aligned to 64, so that constants are usable in place (less: kInvalid).
  static Result<std::unique_ptr<Plan>> FromMemory(std::span<const uint8_t> bytes,
                                                  const Limits& limits, Verify verify);
  ~Plan() override;

  std::string_view producer() const { return producer_; }
  std::string_view min_runtime() const { return min_runtime_; }
  std::span<const PlanFunction> functions() const { return functions_.span(); }
  const PlanFunction& main() const { return functions_[0]; }
  std::span<const PlanConstant> constants() const { return constants_.span(); }
  std::span<const PlanProperty> properties() const { return properties_.span(); }
  uint64_t file_bytes() const { return file_.size(); }
  // The whole file where it is mapped, from a page's first byte on; empty for a plan in the
  // caller's memory.
  std::span<const uint8_t> mapping() const { return mapped_ ? file_ : std::span<const uint8_t>(); }
  uint64_t weights_bytes() const;
  // Says that the constant's bytes are not needed soon: where the file is mapped their pages may
  // leave memory, and come back when they are read.
  void Release(uint32_t constant) const;
  const Limits& limits() const { return limits_; }

 private:
  friend class PlanReader;
  template <typename T, typename... Arguments>
  friend Result<std::unique_ptr<T>> Make(Arguments&&... arguments);
  Plan() = default;

  Limits limits_;
  std::span<const uint8_t> file_;
  bool mapped_ = false;            // file_ is unmapped on destruction.
  Array<uint8_t> metadata_;        // The private copy that names point into.
  Array<uint8_t> attribute_pool_;  // Attribute structs and uses, placed before `ops` point into it.
  Array<PlanUse> use_pool_;
  std::string_view producer_;
  std::string_view min_runtime_;
  Array<PlanFunction> functions_;
  Array<PlanConstant> constants_;
  Array<PlanProperty> properties_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_PLAN_H_
