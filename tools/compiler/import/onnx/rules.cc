#include "tools/compiler/import/onnx/rules.h"

namespace stint::compiler {

namespace {

using Family = std::span<const ImportRule> (*)();

constexpr Family kFamilies[] = {
    ElementwiseRules, CastRules,          ActivationRules, QuantizationRules, GeneratorRules,
    ReductionRules,   NormalizationRules, SoftmaxRules,    MovementRules,     SliceRules,
    ShapeRules,       IndexingRules,      MatrixRules,     EinsumRules,       ConvolutionRules,
    PoolingRules,     ResizeRules,        AttentionRules,  LossRules,         RotaryRules,
    CausalConvRules,  RecurrentRules,     ImageBlockRules, TrainingRules,     ClassicRules,
    SamplingRules,    SelectionRules,     SignalRules,     RandomRules,       LinearAttentionRules,
    BranchRules,
};

}  // namespace

const ImportRule* FindRule(const std::string& domain, const std::string& op, int64_t version,
                           bool* known) {
  *known = false;
  for (const Family family : kFamilies) {
    for (const ImportRule& rule : family()) {
      if (op != rule.op || domain != rule.domain) continue;
      *known = true;
      if (version >= rule.first_version && version <= rule.last_version) return &rule;
    }
  }
  return nullptr;
}

}  // namespace stint::compiler
