// Reading pictures with libpng and libjpeg.
#include "tools/stint/image.h"

#include <algorithm>

#include "tools/stint/files.h"

namespace stint::cli {

namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr uint8_t kPngStart[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr uint8_t kJpegStart[] = {0xff, 0xd8, 0xff};

bool StartsWith(std::span<const uint8_t> file, std::span<const uint8_t> start) {
  return file.size() >= start.size() && std::equal(start.begin(), start.end(), file.begin());
}

}  // namespace

Result<Image> ReadImage(const std::string& path) {
  STINT_ASSIGN(const FileBytes file, ReadFile(path, kMaxFileBytes));
  if (StartsWith(file.span(), kPngStart)) return DecodePng(path, file.span());
  if (StartsWith(file.span(), kJpegStart)) return DecodeJpeg(path, file.span());
  return Error(Code::kInvalid, path.c_str(),
               "found neither a PNG nor a JPEG file, allowed these two");
}

}  // namespace stint::cli
