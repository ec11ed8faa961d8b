// RotaryEmbedding: pairs of elements of each head turned by an angle that depends on the position.
#include <string>

#include "runtime/ops/gather.h"
#include "tools/compiler/import/onnx/heads.h"
#include "tools/compiler/import/onnx/operands.h"
#include "tools/compiler/import/onnx/rules.h"
#include "tools/compiler/import/onnx/terms.h"

namespace stint::compiler {

namespace {

// A cosine or sine cache as [B or 1, 1, S, half]: [B, S, half], or rows picked by position. One
// that is wider, for whole heads where fewer elements are rotated, gives its first columns.
Result<View> RotaryCache(const NodeContext& node, int i, Dim half) {
  Builder& build = node.build;
  View cache = node.input(i);
  if (node.has(3)) {
    STINT_ASSIGN(cache, build.EmitOne(OpKind::kGather, GatherAttributes(), {cache, node.input(3)}));
  }
  if (cache.rank() != 3) {
    return node.Invalid("found a cache of rank " + std::to_string(cache.rank()) +
                        ", allowed [B, S, D / 2], or [P, D / 2] with position_ids");
  }
  if (cache.dims[2].is_constant() && half.is_constant() &&
      cache.dims[2].constant() > half.constant()) {
    cache = build.Slice(cache, 2, 0, 1, half);
  }
  build.dims().Require(cache.dims[2], half, "a cache has half the extent that is rotated");
  return build.Unsqueeze(cache, {1});
}

// (a cos - b sin, a sin + b cos) over the two parts of each head.
Result<View> Rotate(Builder& build, const View& a, const View& b, const View& cosine,
                    const View& sine, bool second) {
  return Compute(build, {a, b, cosine, sine}, build.dtype(a), [second](const Terms& in) {
    return second ? in[3] * in[0] + in[2] * in[1] : in[2] * in[0] - in[3] * in[1];
  });
}

// Operands: X, cos_cache, sin_cache, position_ids.
Status RotaryEmbedding(NodeContext& node) {
  STINT_TRY(NeedOneType(node, 0, 3));
  Builder& build = node.build;
  const bool flat = node.input(0).rank() == 3;
  if (!flat && node.input(0).rank() != 4) {
    return node.Invalid("found rank " + std::to_string(node.input(0).rank()) + ", allowed 3 and 4");
  }
  View x = node.input(0);
  if (flat) {
    STINT_ASSIGN(x, SplitHeads(node, x, node.Int("num_heads", 0)));
  }
  const int64_t given = node.Int("rotary_embedding_dim", 0);
  const Dim rotated = given > 0 ? Dim(given) : x.dims[3];
  if (rotated.is_constant() && x.dims[3].is_constant() &&
      rotated.constant() > x.dims[3].constant()) {
    return node.Invalid("found rotary_embedding_dim " + std::to_string(given) +
                        ", allowed at most the size of a head");
  }
  const Dim half = build.dims().FloorDiv(rotated, 2);
  build.dims().Require(build.dims().Mul(half, 2), rotated, "a rotated size is even");
  const bool interleaved = node.Int("interleaved", 0) != 0;
  const View a = interleaved ? build.Slice(x, 3, 0, 2, half) : build.Slice(x, 3, 0, 1, half);
  const View b = interleaved ? build.Slice(x, 3, 1, 2, half) : build.Slice(x, 3, half, 1, half);
  STINT_ASSIGN(const View cosine, RotaryCache(node, 1, half));
  STINT_ASSIGN(const View sine, RotaryCache(node, 2, half));
  STINT_ASSIGN(View first, Rotate(build, a, b, cosine, sine, false));
  STINT_ASSIGN(View second, Rotate(build, a, b, cosine, sine, true));
  View turned;
  if (interleaved) {
    first = build.Unsqueeze(first, {4});
    second = build.Unsqueeze(second, {4});
    STINT_ASSIGN(const View pairs, build.Concat({first, second}, 4));
    STINT_ASSIGN(turned, build.Reshape(pairs, {x.dims[0], x.dims[1], x.dims[2], rotated}));
  } else {
    STINT_ASSIGN(turned, build.Concat({first, second}, 3));
  }
  if (rotated != x.dims[3]) {
    const Dim rest = build.dims().Sub(x.dims[3], rotated);
    STINT_ASSIGN(turned, build.Concat({turned, build.Slice(x, 3, rotated, 1, rest)}, 3));
  }
  if (flat) {
    STINT_ASSIGN(turned, JoinHeads(build, turned));
  }
  node.SetOutput(0, std::move(turned));
  return {};
}

constexpr ImportRule kRules[] = {
    {"RotaryEmbedding", RotaryEmbedding, 23},
};

}  // namespace

std::span<const ImportRule> RotaryRules() { return kRules; }

}  // namespace stint::compiler
