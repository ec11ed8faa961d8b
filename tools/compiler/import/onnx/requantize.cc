#include "tools/compiler/import/onnx/requantize.h"

namespace stint::compiler {

Result<View> Requantize(NodeContext& node, const View& sums, const std::vector<View>& scales,
                        const View& y_scale, const View& y_zero) {
  Builder& build = node.build;
  const auto to_f32 = [](MapBuilder&, const std::vector<int>& in) { return in[0]; };
  STINT_ASSIGN(View factor, build.Map({scales[0]}, DType::kFloat32, to_f32));
  for (size_t i = 1; i < scales.size(); ++i) {
    STINT_ASSIGN(const View scale, build.Cast(scales[i], DType::kFloat32));
    STINT_ASSIGN(factor, build.Binary(MapOpcode::kMul, factor, scale));
  }
  STINT_ASSIGN(const View divisor, build.Cast(y_scale, DType::kFloat32));
  STINT_ASSIGN(factor, build.Binary(MapOpcode::kDiv, factor, divisor));
  return build.Map(
      {sums, factor, y_zero}, build.dtype(y_zero),
      [](MapBuilder& map, const std::vector<int>& in) {
        const int scaled = map.Binary(MapOpcode::kMul, map.Convert(in[0], MapType::kF32), in[1]);
        const int rounded = map.Unary(MapOpcode::kRoundEven, scaled);
        return map.Binary(MapOpcode::kAdd, rounded, map.Convert(in[2], MapType::kF32));
      },
      MapStoreMode::kSaturate);
}

}  // namespace stint::compiler
