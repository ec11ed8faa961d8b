// PNG through libpng.
#include <png.h>

#include <cstdio>
#include <cstring>
#include <utility>

#include "tools/stint/image.h"
#include "tools/stint/image_failure.h"

namespace stint::cli {

namespace {

struct PngReader {
  explicit PngReader(std::span<const uint8_t> bytes) : file(bytes) {}
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  std::span<const uint8_t> file;
  size_t position = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  ImageFailure failure;
};

[[noreturn]] void OnError(png_structp png, png_const_charp message) {
  auto* const failure = static_cast<ImageFailure*>(png_get_error_ptr(png));
  std::snprintf(failure->message, sizeof(failure->message), "%s", message);
  failure->Leave();
}

// Warnings are about what is not read: text, profiles, odd values of chunks.
void OnWarning(png_structp, png_const_charp) {}

void OnRead(png_structp png, png_bytep out, size_t count) {
  auto* const reader = static_cast<PngReader*>(png_get_io_ptr(png));
  if (count > reader->file.size() - reader->position) png_error(png, "the file ends early");
  std::memcpy(out, reader->file.data() + reader->position, count);
  reader->position += count;
}

void ReadHeader(PngReader& reader) {
  png_set_read_fn(reader.png, &reader, OnRead);
  // Sides are judged by AllocateImage, which says what is allowed.
  png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  // 1 keeps no chunk of text, which nobody reads and which may unpack to far more than the file
  // has.
  png_set_chunk_cache_max(reader.png, 1);
  png_read_info(reader.png, reader.info);
  png_set_expand(reader.png);
  png_set_strip_16(reader.png);
  png_set_strip_alpha(reader.png);
}

void ReadRows(PngReader& reader, const Image& image) {
  const int passes = png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  const size_t row_bytes = static_cast<size_t>(image.width) * static_cast<size_t>(image.channels);
  if (png_get_rowbytes(reader.png, reader.info) != row_bytes) {
    png_error(reader.png, "rows are of another size than the header says");
  }
  for (int pass = 0; pass < passes; ++pass) {
    for (int64_t y = 0; y < image.height; ++y) {
      png_read_row(reader.png, image.pixels.get() + static_cast<size_t>(y) * row_bytes, nullptr);
    }
  }
  png_read_end(reader.png, nullptr);
}

}  // namespace

Result<Image> DecodePng(const std::string& path, std::span<const uint8_t> file) {
  PngReader reader(file);
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader.failure, OnError, OnWarning);
  reader.info = reader.png != nullptr ? png_create_info_struct(reader.png) : nullptr;
  if (reader.info == nullptr) return OutOfMemory(path.c_str(), 0);
  if (!Guarded(reader.failure, [&] { ReadHeader(reader); })) return reader.failure.AsStatus(path);
  const bool is_color = (png_get_color_type(reader.png, reader.info) & PNG_COLOR_MASK_COLOR) != 0;
  STINT_ASSIGN(Image image,
               AllocateImage(path, png_get_image_width(reader.png, reader.info),
                             png_get_image_height(reader.png, reader.info), is_color ? 3 : 1));
  if (!Guarded(reader.failure, [&] { ReadRows(reader, image); })) {
    return reader.failure.AsStatus(path);
  }
  return image;
}

}  // namespace stint::cli
