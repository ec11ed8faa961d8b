// The operators that can be imported: one list a family, each in the source of the same name.
#ifndef STINT_TOOLS_COMPILER_IMPORT_ONNX_RULES_H_
#define STINT_TOOLS_COMPILER_IMPORT_ONNX_RULES_H_

#include <cstdint>
#include <span>
#include <string>

#include "tools/compiler/import/onnx/node_context.h"

namespace stint::compiler {

std::span<const ImportRule>
ElementwiseRules();                       // elementwise.cc: arithmetic, functions, logic, casts.
std::span<const ImportRule> CastRules();  // casts.cc: Cast, CastLike, BitCast
std::span<const ImportRule> ActivationRules();    // activations.cc
std::span<const ImportRule> QuantizationRules();  // quantization.cc
std::span<const ImportRule>
GeneratorRules();  // generators.cc: constants, ranges, windows, one-hot.
std::span<const ImportRule>
ReductionRules();  // reductions.cc: Reduce*, ArgMax, global pools, cumulative.
std::span<const ImportRule> SoftmaxRules();        // softmax.cc: Softmax, LogSoftmax, Hardmax
std::span<const ImportRule> NormalizationRules();  // normalization.cc
std::span<const ImportRule> MovementRules();  // movement.cc: concat, transpose, tile, expand...
std::span<const ImportRule> SliceRules();     // slices.cc: Slice, Split, Pad, CenterCropPad
std::span<const ImportRule> ShapeRules();     // shapes.cc: Shape, Reshape, Squeeze...
std::span<const ImportRule> IndexingRules();  // indexing.cc: Gather*, Scatter*, TopK...
std::span<const ImportRule> MatrixRules();    // matrix.cc: MatMul, Gemm, Einsum, integer products
std::span<const ImportRule> EinsumRules();    // einsum.cc
std::span<const ImportRule> ConvolutionRules();      // convolution.cc
std::span<const ImportRule> PoolingRules();          // pooling.cc
std::span<const ImportRule> ResizeRules();           // resize.cc
std::span<const ImportRule> AttentionRules();        // attention.cc
std::span<const ImportRule> RotaryRules();           // rotary_embedding.cc
std::span<const ImportRule> CausalConvRules();       // causal_conv.cc
std::span<const ImportRule> RecurrentRules();        // recurrent.cc: RNN, GRU, LSTM
std::span<const ImportRule> ImageBlockRules();       // image_blocks.cc: Col2Im, MaxUnpool
std::span<const ImportRule> SelectionRules();        // selection.cc: NonZero, Unique, Compress
std::span<const ImportRule> SamplingRules();         // sampling.cc: GridSample, DeformConv, rois
std::span<const ImportRule> SignalRules();           // signal.cc: DFT, STFT, MelWeightMatrix
std::span<const ImportRule> RandomRules();           // random.cc: random numbers, Dropout
std::span<const ImportRule> LinearAttentionRules();  // linear_attention.cc
std::span<const ImportRule> LossRules();             // losses.cc
std::span<const ImportRule> TrainingRules();         // training.cc: optimisers
std::span<const ImportRule> ClassicRules();          // classic.cc: ai.onnx.ml
std::span<const ImportRule> BranchRules();           // branches.cc: If

// The rule for an operator at an opset version; nullptr when there is none. `known` says whether
// any version of it can be imported.
const ImportRule* FindRule(const std::string& domain, const std::string& op, int64_t version,
                           bool* known);

}  // namespace stint::compiler

#endif  // STINT_TOOLS_COMPILER_IMPORT_ONNX_RULES_H_
