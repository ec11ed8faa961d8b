#include "tools/stint/image.h"

namespace stint::cli {

Result<Image> AllocateImage(const std::string& path, int64_t width, int64_t height, int channels) {
  if (width <= 0 || height <= 0) {
    return Error(Code::kInvalid, path.c_str(), "found a picture of %lldx%lld, allowed sides from 1",
                 static_cast<long long>(width), static_cast<long long>(height));
  }
  if (width > kMaxSide || height > kMaxSide || width * height > kMaxPixels) {
    return Error(Code::kLimit, path.c_str(),
                 "found a picture of %lldx%lld, allowed sides up to %lld and %lld pixels",
                 static_cast<long long>(width), static_cast<long long>(height),
                 static_cast<long long>(kMaxSide), static_cast<long long>(kMaxPixels));
  }
  Image image;
  image.width = width;
  image.height = height;
  image.channels = channels;
  STINT_ASSIGN(image.pixels,
               AllocateAligned(path, static_cast<uint64_t>(width * height * channels)));
  return image;
}

}  // namespace stint::cli
