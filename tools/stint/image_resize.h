// Scaling pictures.
#ifndef STINT_TOOLS_STINT_IMAGE_RESIZE_H_
#define STINT_TOOLS_STINT_IMAGE_RESIZE_H_

#include <cstdint>
#include <string>

#include "runtime/base/result.h"
#include "tools/stint/host_tensor.h"
#include "tools/stint/image.h"

namespace stint::cli {

// Scales to float32 [height, width, channels], samples 0 to 255: bilinear between the centres of
// pixels, over a triangle as wide as the pixels that fall on one when it shrinks (what Pillow calls
// BILINEAR). A picture of that size is taken as it is. kLimit: more than 4 GiB; errors name `path`.
Result<HostTensor> ResizeImage(const std::string& path, const Image& image, int64_t width,
                               int64_t height);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_IMAGE_RESIZE_H_
