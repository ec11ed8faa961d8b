// Pictures as files hold them: PNG and JPEG, decoded by the system's libraries to 8 bits a sample.
// A file is untrusted: its sides are checked before there is memory for them, and whatever is cut
// or damaged is refused rather than filled up.
#ifndef STINT_TOOLS_STINT_IMAGE_H_
#define STINT_TOOLS_STINT_IMAGE_H_

#include <cstdint>
#include <span>
#include <string>

#include "runtime/base/result.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

// No picture may have more pixels, or a longer side.
inline constexpr int64_t kMaxPixels = int64_t{1} << 26;
inline constexpr int64_t kMaxSide = 32768;

struct Image {
  int64_t width = 0;
  int64_t height = 0;
  int channels = 0;     // 1 (gray) or 3 (red, green, blue).
  AlignedBytes pixels;  // [height][width][channels]
};

// Reads a picture; its first bytes say which format it has. Palettes become colours, transparency
// is dropped, of 16-bit samples the upper byte is kept; colour profiles and orientation tags are
// not applied. kIo: missing or not a regular file; kInvalid: another format, damage, a JPEG in
// CMYK, or a build without the libraries; kLimit: too large.
Result<Image> ReadImage(const std::string& path);

// Memory for a picture of these sides. kLimit: too large; kInvalid: a side of 0.
Result<Image> AllocateImage(const std::string& path, int64_t width, int64_t height, int channels);

// The two formats; the bytes are a whole file.
Result<Image> DecodePng(const std::string& path, std::span<const uint8_t> file);
Result<Image> DecodeJpeg(const std::string& path, std::span<const uint8_t> file);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_IMAGE_H_
