// What stands for image_file.cc in a program without libpng and libjpeg: every picture is refused,
// saying so.
#include "tools/stint/image.h"

namespace stint::cli {

Result<Image> ReadImage(const std::string& path) {
  return Error(Code::kInvalid, path.c_str(),
               "found a picture, allowed .npy: this program was built without libpng and libjpeg");
}

}  // namespace stint::cli
