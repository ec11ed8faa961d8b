#include "runtime/ops/random.h"

#include <algorithm>
#include <cstddef>

#include "runtime/ops/elements.h"
#include "runtime/ops/mersenne_twister.h"
#include "runtime/ops/op_table.h"
#include "runtime/ops/shape_checks.h"
#include "runtime/ops/walk.h"

namespace stint {

namespace {

constexpr const char* kKinds[] = {"uniform", "normal"};

constexpr Field kFields[] = {
    {1, "kind", FieldType::kEnum, offsetof(RandomAttributes, kind), 0, 1, kKinds},
    {2, "seed", FieldType::kInt, offsetof(RandomAttributes, seed), 0, UINT32_MAX},
    {3, "extents", FieldType::kExtents, offsetof(RandomAttributes, extents)},
};

Status Infer(const OpShapes& op, DimContext&, std::span<TensorShape> results) {
  const auto& attributes = *static_cast<const RandomAttributes*>(op.attributes);
  TensorShape& y = results[0];
  y.dtype = DType::kFloat64;
  y.rank = static_cast<int>(attributes.extents.size);
  std::copy_n(attributes.extents.values, y.rank, y.extents);
  return CheckExtents("extents", y);
}

Status Run(const OpTensors& op) {
  const auto& attributes = op.as<RandomAttributes>();
  const TensorView& y = op.results[0];
  const bool normal = attributes.kind == RandomKind::kNormal;
  MersenneTwister generator(static_cast<uint32_t>(attributes.seed));
  for (Walk<1> walk(y.rank, y.extents, {y.strides}); !walk.done(); walk.Next()) {
    Store(normal ? generator.Normal() : generator.Uniform(), y, walk.offset(0));
  }
  return {};
}

}  // namespace

constinit const OpInfo kRandomOp = {
    .kind = OpKind::kRandom,
    .name = "Random",
    .summary = "Uniform or normal numbers of a seeded generator.",
    .fields = kFields,
    .attributes_size = sizeof(RandomAttributes),
    .construct = ConstructAttributes<RandomAttributes>,
    .required_operands = 0,
    .core_operands = 0,
    .variadic = false,
    .core_results = 1,
    .strided_operands = 0,
    .keeps_precision = false,
    .prologue = nullptr,
    .epilogue = nullptr,
    .infer = Infer,
    .reference = Run,
};

}  // namespace stint
