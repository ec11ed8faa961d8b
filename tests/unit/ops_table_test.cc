// The op table as a whole: every entry is complete, and what is the same for all ops is checked.
#include <catch2/catch.hpp>
#include <cstring>
#include <set>

#include "runtime/ops/pool.h"
#include "runtime/ops/softmax.h"
#include "tests/unit/ops_testing.h"

namespace stint::testing {

TEST_CASE("ops are found by number and by name, in the order of their numbers") {
  int last = 0;
  for (const OpInfo* op : AllOps()) {
    INFO(op->name);
    CHECK(static_cast<int>(op->kind) > last);
    last = static_cast<int>(op->kind);
    CHECK(FindOp(op->kind) == op);
    CHECK(FindOp(std::string_view(op->name)) == op);
  }
  CHECK(FindOp(OpKind::kConv)->name == std::string("Conv"));
  CHECK(FindOp("conv") == nullptr);
  CHECK(FindOp(static_cast<OpKind>(4711)) == nullptr);
}

TEST_CASE("field tables lie inside the attribute struct and have unique ids and names") {
  for (const OpInfo* op : AllOps()) {
    std::set<int> ids;
    std::set<std::string> names;
    for (const Field& field : op->fields) {
      INFO(op->name << "." << field.name);
      CHECK(field.id > 0);
      CHECK(ids.insert(field.id).second);
      CHECK(names.insert(field.name).second);
      CHECK(field.offset + sizeof(int64_t) <= op->attributes_size);
      CHECK(field.minimum <= field.maximum);
      if (field.type == FieldType::kEnum) {
        REQUIRE(field.enumerators != nullptr);
        for (int64_t i = 0; i <= field.maximum; ++i) CHECK(std::strlen(field.enumerators[i]) > 0);
      }
    }
    CHECK(op->required_operands <= op->core_operands);
    CHECK(op->core_operands <= kMaxCoreOperands);
    CHECK(op->core_results <= kMaxCoreResults);
  }
}

TEST_CASE("default attributes satisfy their field table") {
  for (const OpInfo* op : AllOps()) {
    INFO(op->name);
    std::vector<std::max_align_t> memory(op->attributes_size / sizeof(std::max_align_t) + 1);
    op->construct(memory.data());
    CHECK(TextOf(CheckAttributes(op->fields, memory.data())).empty());
    CHECK(PrologueOf(*op, memory.data()) == nullptr);
    CHECK(EpilogueOf(*op, memory.data()) == nullptr);
    CHECK(OperandLimit(*op, memory.data()) == op->core_operands);
  }
}

TEST_CASE("operands of absurd types, ranks and extents are refused before shape functions run") {
  SoftmaxAttributes softmax;
  TensorShape x = Shape(DType::kFloat32, {2});
  CHECK(Infer(kSoftmaxOp, softmax, {x}).error.empty());
  x.rank = 9;
  CHECK(Infer(kSoftmaxOp, softmax, {x}).error ==
        "Softmax: operand 0: found rank 9, allowed 0 to 8");
  x.rank = 1;
  x.extents[0] = -1;
  CHECK(Infer(kSoftmaxOp, softmax, {x}).error ==
        "Softmax: operand 0: found extent -1 on axis 0, allowed 0 or more");
  x.dtype = static_cast<DType>(200);
  CHECK(Infer(kSoftmaxOp, softmax, {x}).error ==
        "Softmax: operand 0: found dtype 200, allowed 1 to 26");
  CHECK(Infer(kSoftmaxOp, softmax, {TensorShape()}).error ==
        "Softmax: operand 0: found none, allowed a tensor");
  CHECK(Infer(kSoftmaxOp, softmax, {Shape(DType::kFloat32, {2}), Shape(DType::kFloat32, {2})})
            .error == "Softmax: operands: found 2, allowed 1 to 1");
}

TEST_CASE("programs broadcast their operands to what they transform, never the reverse") {
  SoftmaxAttributes softmax;
  softmax.prologue = BinaryProgram(MapOpcode::kAdd, DType::kFloat32);
  softmax.epilogue = UnaryProgram(MapOpcode::kNeg, DType::kFloat32, DType::kFloat32);
  const TensorShape x = Shape(DType::kFloat32, {1, 3});
  CHECK(Infer(kSoftmaxOp, softmax, {x, Shape(DType::kFloat32, {3})}).error.empty());
  CHECK(Infer(kSoftmaxOp, softmax, {x, Shape(DType::kFloat32, {2, 3})}).error ==
        "Softmax: shape: found 2 and 1, allowed equal numbers: prologue");
  CHECK(Infer(kSoftmaxOp, softmax, {x, Shape(DType::kInt32, {3})}).error ==
        "Softmax: prologue: found a int32 operand as input 1, allowed float32");
  CHECK(OperandLimit(kSoftmaxOp, &softmax) == 2);
}

TEST_CASE("an epilogue may change the type of result 0 only") {
  PoolAttributes pool;
  pool.kernel = pool.strides = pool.dilations = Ints({1});
  pool.pads = LongDims({0, 0});
  pool.with_indices = 1;
  pool.epilogue = UnaryProgram(MapOpcode::kNeg, DType::kFloat32, DType::kFloat64);
  const Tensor x = Tensor::Of<float>({1, 1, 2}, {1.5F, -2});
  const Ran ran = Run(kPoolOp, pool, {x.view()});
  REQUIRE(ran.error.empty());
  CHECK(ran.results[0].dtype() == DType::kFloat64);
  CHECK(ran.results[0].values<double>() == std::vector<double>{-1.5, 2});
  CHECK(ran.results[1].values<int64_t>() == std::vector<int64_t>{0, 1});
}

TEST_CASE("an epilogue's operand may be the memory of the result") {
  SoftmaxAttributes softmax;
  softmax.epilogue = BinaryProgram(MapOpcode::kAdd, DType::kFloat32);
  const Tensor x = Tensor::Of<float>({1}, {3});
  const Tensor residual = Tensor::Of<float>({1}, {41});
  const TensorView operands[] = {x.view(), residual.view()};
  const TensorView results[] = {residual.view()};
  CHECK(TextOf(RunReference(kSoftmaxOp, {&softmax, operands, results})).empty());
  CHECK(residual.values<float>() == std::vector<float>{42});
}

}  // namespace stint::testing
