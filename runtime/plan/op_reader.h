// Ops of a function: kind, operands and results, attributes; and the rule that values are written
// before they are read.
#ifndef STINT_RUNTIME_PLAN_OP_READER_H_
#define STINT_RUNTIME_PLAN_OP_READER_H_

#include <cstdint>

#include "runtime/plan/attribute_reader.h"
#include "runtime/plan/plan.h"

namespace stint {

// The attribute structs' alignment in their pool.
inline constexpr uint64_t kAttributeAlignment = 16;
// No op has more operands, whatever its programs.
inline constexpr uint64_t kMaxOperands = kMaxCoreOperands + 2 * (kMapMaxInputs - 1);

// Memory for attribute structs and uses that was allocated for the whole plan; pointers to it stay
// valid as long as the plan lives.
struct OpRoom {
  uint8_t* attributes = nullptr;
  PlanUse* uses = nullptr;
};

// What an op will take of an OpRoom. kInvalid: an unknown op, or more operands or results than any
// op has.
Status MeasureOp(const schema::Op& stored, const Path& path, uint64_t* attribute_bytes,
                 uint64_t* uses);

class OpReader {
 public:
  // `function` has its values, inputs and views; it and `room` must outlive the reader.
  OpReader(const PlanFunction& function, const AttributeScope& scope, OpRoom* room)
      : function_(function), scope_(scope), room_(room) {}

  Status Prepare();
  // Ops in the order of their execution.
  Status Read(const schema::Op& stored, const Path& path, PlanOp* op);
  // A use that reads what ops so far wrote.
  Status CheckRead(const PlanUse& use, const Path& path) const;

 private:
  enum class Written : uint8_t { kNo, kWhole, kThroughViews };

  Status ReadUses(const flatbuffers::Vector<const schema::Use*>* stored, const Path& path,
                  std::span<const PlanUse>* uses);
  Status CheckUse(const PlanUse& use, const Path& path) const;
  Status CheckOperands(const PlanOp& op, const Path& path) const;
  Status CheckOperand(const PlanOp& op, size_t index, const Path& path) const;
  Status CheckResults(const PlanOp& op, const Path& path);
  Status CheckWrite(const PlanOp& op, size_t index, const Path& path);
  Status CheckDense(const OpInfo& op, const PlanUse& use, const Path& path) const;

  const PlanFunction& function_;
  const AttributeScope& scope_;
  OpRoom* room_;
  Array<Written> written_;  // One a value.
};

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_OP_READER_H_
