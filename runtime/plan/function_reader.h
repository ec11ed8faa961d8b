// One function of a plan: from verified FlatBuffers tables to the typed, index-checked structures
// of plan.h.
#ifndef STINT_RUNTIME_PLAN_FUNCTION_READER_H_
#define STINT_RUNTIME_PLAN_FUNCTION_READER_H_

#include "runtime/plan/op_reader.h"

namespace stint {

class FunctionReader {
 public:
  // All are borrowed for the reader's life. `scope` names the plan's entries and this function's
  // number; its expressions are set here. Names in `function` point into the metadata.
  FunctionReader(const schema::Function& stored, const Path& path,
                 std::span<const PlanConstant> constants, const AttributeScope& scope, OpRoom* room,
                 PlanFunction* function);

  Status Read();

 private:
  Status ReadValues();
  Status ReadValue(const schema::Value& stored, const Path& path, PlanValue* value) const;
  Status CheckConstant(const PlanValue& value, const Path& path) const;
  // Whether the constant has the bytes that its layout needs for the value.
  Status CheckSize(const PlanValue& value, const PlanConstant& constant, const Path& path) const;
  Status ReadForms();
  Status CheckForm(const PlanForm& form, const PlanForm* before, const Path& path) const;
  Status ReadInputs();
  Status ReadViews();
  Status ReadSymbols();
  Status CheckSymbol(const PlanSymbol& symbol, const Path& path) const;
  Status ReadExpressions();
  Status ReadExpression(const schema::Expression& stored, uint64_t index, const Path& path,
                        PlanExpression* expression) const;
  Status ReadChecks();
  Status ReadOps();
  Status ReadOutputs(const OpReader& ops);
  Status ReadRegions();
  // Reads extents or strides into kMaxRank dims; the rank is their count.
  Status ReadDims(const flatbuffers::Vector<int64_t>* stored, const Path& path, bool extents,
                  int* rank, Dim* dims) const;

  const schema::Function& stored_;
  const Path& path_;
  std::span<const PlanConstant> constants_;
  AttributeScope scope_;
  OpRoom* room_;
  PlanFunction* function_;
};

}  // namespace stint

#endif  // STINT_RUNTIME_PLAN_FUNCTION_READER_H_
