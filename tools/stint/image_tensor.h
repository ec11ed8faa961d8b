// Pictures as inputs of models: colours, size, normalisation and layout, as the options say.
#ifndef STINT_TOOLS_STINT_IMAGE_TENSOR_H_
#define STINT_TOOLS_STINT_IMAGE_TENSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/command.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

struct ImageArguments {
  std::string mean = "0";
  std::string scale = "1";
  std::string color;  // Empty: by the input's channels.
  std::string layout = "nchw";
  std::string resize = "none";
};

// The input that a picture is for.
struct ImageTarget {
  std::string where;  // "input 'x'", for errors.
  DType dtype = DType::kNone;
  std::vector<std::optional<int64_t>> extents;  // As far as they are known.
};

void AddImageOptions(Command& command, ImageArguments& arguments);

// Whether the path's extension is that of a picture: .png, .jpg, .jpeg.
bool IsImagePath(const std::string& path);

// Reads a picture into a tensor for `target`: [1, C, H, W] or [C, H, W], with --layout nhwc
// [1, H, W, C] or [H, W, C]; each element is (sample - mean) * scale. Sides that the target leaves
// open are the picture's. kInvalid: a target that no picture fits, malformed options, or a picture
// of another size without --resize.
Result<HostTensor> ReadImageTensor(const std::string& path, const ImageArguments& arguments,
                                   const ImageTarget& target);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_IMAGE_TENSOR_H_
