#include "tools/stint/image_tensor.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "runtime/ops/elements.h"
#include "tools/stint/arguments.h"
#include "tools/stint/command.h"
#include "tools/stint/files.h"
#include "tools/stint/image.h"
#include "tools/stint/image_resize.h"

namespace stint::cli {

namespace {

// What letterboxing fills borders with, before mean and scale: the gray that detectors are trained
// with.
constexpr float kBorder = 114;

// Positions of the axes in the target.
struct Axes {
  size_t channel;
  size_t row;
  size_t column;
};

Axes AxesOf(const std::string& layout, size_t rank) {
  const size_t first = rank - 3;
  if (layout == "nhwc") return {first + 2, first, first + 1};
  return {first, first + 1, first + 2};
}

std::string TargetText(const ImageTarget& target) {
  std::string text = "[";
  for (size_t i = 0; i < target.extents.size(); ++i) {
    if (i > 0) text += ", ";
    text += target.extents[i] ? std::to_string(*target.extents[i]) : "?";
  }
  return text + "]";
}

Status CheckTarget(const ImageTarget& target) {
  const size_t rank = target.extents.size();
  if (rank != 3 && rank != 4) {
    return Error(Code::kInvalid, target.where.c_str(),
                 "found a picture for shape %s, allowed rank 3 or 4", TargetText(target).c_str());
  }
  if (rank == 4 && target.extents[0].value_or(1) != 1) {
    return Error(Code::kInvalid, target.where.c_str(),
                 "found a picture for shape %s, allowed 1 on axis 0: give a batch as .npy",
                 TargetText(target).c_str());
  }
  if (target.dtype != DType::kUInt8 && target.dtype != DType::kFloat16 &&
      target.dtype != DType::kFloat32 && target.dtype != DType::kFloat64) {
    return Error(Code::kInvalid, target.where.c_str(),
                 "found a picture for %s, allowed uint8, float16, float32, float64",
                 NameOf(target.dtype));
  }
  return {};
}

// One number, or one for each channel.
Result<std::vector<float>> ParseNumbers(const char* flag, const std::string& text,
                                        size_t channels) {
  std::vector<float> numbers;
  bool good = true;
  for (size_t start = 0; start <= text.size() && good;) {
    const size_t end = std::min(text.find(',', start), text.size());
    float number = 0;
    const auto parsed = std::from_chars(text.data() + start, text.data() + end, number);
    good = parsed.ec == std::errc() && parsed.ptr == text.data() + end && std::isfinite(number);
    numbers.push_back(number);
    start = end + 1;
  }
  if (!good || (numbers.size() != 1 && numbers.size() != channels)) {
    return Error(Code::kInvalid, flag, "found '%s', allowed one number or %zu with commas",
                 text.c_str(), channels);
  }
  numbers.resize(channels, numbers[0]);
  return numbers;
}

// Without --color the channels of the target decide.
std::string ColorFor(const ImageArguments& arguments, std::optional<int64_t> channels) {
  if (!arguments.color.empty()) return arguments.color;
  return channels == 1 ? "gray" : "rgb";
}

// ITU-R 601 luma in 16 bits of fraction, rounded.
uint8_t GrayOf(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

Result<Image> Recolored(const std::string& path, const Image& image, const std::string& color) {
  const int channels = color == "gray" ? 1 : 3;
  STINT_ASSIGN(Image made, AllocateImage(path, image.width, image.height, channels));
  const bool swapped = color == "bgr";
  const uint8_t* from = image.pixels.get();
  uint8_t* to = made.pixels.get();
  for (int64_t i = 0; i < image.width * image.height; ++i) {
    if (image.channels == 1) {
      std::fill_n(to, channels, *from);
    } else if (channels == 1) {
      *to = GrayOf(from);
    } else {
      std::copy_n(from, 3, to);
      if (swapped) std::swap(to[0], to[2]);
    }
    from += image.channels;
    to += channels;
  }
  return made;
}

// Where the scaled picture lies in the tensor.
struct Placement {
  int64_t width = 0;
  int64_t height = 0;
  int64_t left = 0;
  int64_t top = 0;
};

Placement Letterbox(const Image& image, int64_t width, int64_t height) {
  const double ratio = std::min(static_cast<double>(width) / static_cast<double>(image.width),
                                static_cast<double>(height) / static_cast<double>(image.height));
  const auto scaled = [ratio](int64_t side, int64_t limit) {
    return std::clamp<int64_t>(std::llround(static_cast<double>(side) * ratio), 1, limit);
  };
  Placement placement;
  placement.width = scaled(image.width, width);
  placement.height = scaled(image.height, height);
  placement.left = (width - placement.width) / 2;
  placement.top = (height - placement.height) / 2;
  return placement;
}

Result<Placement> Place(const std::string& path, const std::string& resize, const Image& image,
                        int64_t width, int64_t height) {
  if (resize == "letterbox" && width > 0 && height > 0) return Letterbox(image, width, height);
  if (resize == "stretch" || (image.width == width && image.height == height)) {
    return Placement{width, height, 0, 0};
  }
  return Error(Code::kInvalid, path.c_str(),
               "found %lldx%lld pixels, allowed %lldx%lld or --resize stretch|letterbox",
               static_cast<long long>(image.width), static_cast<long long>(image.height),
               static_cast<long long>(width), static_cast<long long>(height));
}

void StoreSample(const TensorView& view, int64_t index, float value) {
  switch (view.dtype) {
    case DType::kUInt8:
      return WriteAs(static_cast<uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F))), view.data,
                     index);
    case DType::kFloat16:
      return WriteAs(FloatToHalf(value), view.data, index);
    case DType::kFloat64:
      return WriteAs(static_cast<double>(value), view.data, index);
    default:
      return WriteAs(value, view.data, index);
  }
}

struct Normalization {
  std::vector<float> mean;
  std::vector<float> scale;
};

void FillTensor(const HostTensor& tensor, const Axes& axes, const HostTensor& picture,
                const Placement& place, const Normalization& normalize) {
  const TensorView to = tensor.View();
  const TensorView from = picture.View();
  const int64_t channels = to.extents[axes.channel];
  for (int64_t y = 0; y < to.extents[axes.row]; ++y) {
    for (int64_t x = 0; x < to.extents[axes.column]; ++x) {
      const int64_t row = y - place.top;
      const int64_t column = x - place.left;
      const bool inside = row >= 0 && row < place.height && column >= 0 && column < place.width;
      const float* pixel =
          inside ? from.as<const float>() + (row * place.width + column) * channels : nullptr;
      for (int64_t c = 0; c < channels; ++c) {
        const float sample = inside ? pixel[c] : kBorder;
        const auto channel = static_cast<size_t>(c);
        StoreSample(
            to,
            y * to.strides[axes.row] + x * to.strides[axes.column] + c * to.strides[axes.channel],
            (sample - normalize.mean[channel]) * normalize.scale[channel]);
      }
    }
  }
}

Status CheckChannels(const ImageTarget& target, const Axes& axes, const std::string& color) {
  const int64_t channels = color == "gray" ? 1 : 3;
  const std::optional<int64_t> allowed = target.extents[axes.channel];
  if (allowed.value_or(channels) == channels) return {};
  return Error(Code::kInvalid, target.where.c_str(),
               "found %s, %lld channels, for shape %s, allowed what --color and --layout make fit",
               color.c_str(), static_cast<long long>(channels), TargetText(target).c_str());
}

}  // namespace

void AddImageOptions(Command& command, ImageArguments& arguments) {
  command
      .AddOption(
          "--mean", arguments.mean,
          "Of pictures: taken from each sample, which is 0 to 255; one number, or one a channel",
          "X[,X,X]")
      .ShowDefault();
  command
      .AddOption("--scale", arguments.scale,
                 "Of pictures: what each sample is then multiplied with", "X[,X,X]")
      .ShowDefault();
  command
      .AddOption(
          "--color", arguments.color,
          "Of pictures: rgb, bgr or gray; default: rgb, gray where the input has one channel",
          "COLOR")
      .OneOf({"rgb", "bgr", "gray"});
  command.AddOption("--layout", arguments.layout, "Of pictures: nchw or nhwc", "LAYOUT")
      .ShowDefault()
      .OneOf({"nchw", "nhwc"});
  command
      .AddOption(
          "--resize", arguments.resize,
          "Of pictures: stretch or letterbox (keep the ratio, fill borders with gray) to the "
          "input's size; none: another size is an error",
          "HOW")
      .ShowDefault()
      .OneOf({"stretch", "letterbox", "none"});
}

bool IsImagePath(const std::string& path) {
  const std::string extension = ExtensionOf(path);
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

Result<HostTensor> ReadImageTensor(const std::string& path, const ImageArguments& arguments,
                                   const ImageTarget& target) {
  STINT_TRY(CheckTarget(target));
  const Axes axes = AxesOf(arguments.layout, target.extents.size());
  const std::string color = ColorFor(arguments, target.extents[axes.channel]);
  STINT_TRY(CheckChannels(target, axes, color));
  const size_t channels = color == "gray" ? 1 : 3;
  Normalization normalize;
  STINT_ASSIGN(normalize.mean, ParseNumbers("--mean", arguments.mean, channels));
  STINT_ASSIGN(normalize.scale, ParseNumbers("--scale", arguments.scale, channels));
  STINT_ASSIGN(const Image read, ReadImage(path));
  const int64_t width = target.extents[axes.column].value_or(read.width);
  const int64_t height = target.extents[axes.row].value_or(read.height);
  STINT_ASSIGN(const Placement place, Place(path, arguments.resize, read, width, height));
  STINT_ASSIGN(const Image image, Recolored(path, read, color));
  STINT_ASSIGN(const HostTensor picture, ResizeImage(path, image, place.width, place.height));
  std::vector<int64_t> extents(target.extents.size(), 1);
  extents[axes.channel] = static_cast<int64_t>(channels);
  extents[axes.row] = height;
  extents[axes.column] = width;
  STINT_ASSIGN(HostTensor tensor, AllocateTensor(path, target.dtype, std::move(extents)));
  FillTensor(tensor, axes, picture, place, normalize);
  return tensor;
}

}  // namespace stint::cli
