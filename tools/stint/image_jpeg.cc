// JPEG through libjpeg-turbo.
#include <cstdio>  // jpeglib.h names FILE.

#include <jpeglib.h>

#include <jerror.h>

#include <utility>

#include "tools/stint/image.h"
#include "tools/stint/image_failure.h"

namespace stint::cli {

namespace {

// A progressive file repeats scans over the whole picture; encoders make about ten.
constexpr int kMaxScans = 100;

struct JpegReader {
  JpegReader() { info.err = jpeg_std_error(&errors); }
  ~JpegReader() { jpeg_destroy_decompress(&info); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  jpeg_decompress_struct info = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  ImageFailure failure;
};

[[noreturn]] void OnError(j_common_ptr info) {
  auto* const failure = static_cast<ImageFailure*>(info->client_data);
  char message[JMSG_LENGTH_MAX];
  info->err->format_message(info, message);
  std::snprintf(failure->message, sizeof(failure->message), "%s", message);
  failure->code = info->err->msg_code == JERR_OUT_OF_MEMORY ? Code::kLimit : Code::kInvalid;
  failure->Leave();
}

// Level -1 is damage that the library would fill up. Cameras leave bytes between segments.
void OnMessage(j_common_ptr info, int level) {
  if (level < 0 && info->err->msg_code != JWRN_EXTRANEOUS_DATA) OnError(info);
}

void OnProgress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  auto* const failure = static_cast<ImageFailure*>(info->client_data);
  std::snprintf(failure->message, sizeof(failure->message), "more than %d scans", kMaxScans);
  failure->code = Code::kLimit;
  failure->Leave();
}

void ReadHeader(JpegReader& reader, std::span<const uint8_t> file) {
  reader.errors.error_exit = OnError;
  reader.errors.emit_message = OnMessage;
  reader.progress.progress_monitor = OnProgress;
  reader.info.client_data = &reader.failure;
  jpeg_create_decompress(&reader.info);
  reader.info.progress = &reader.progress;
  jpeg_mem_src(&reader.info, file.data(), file.size());
  jpeg_read_header(&reader.info, TRUE);
}

void ReadRows(JpegReader& reader, const Image& image) {
  reader.info.out_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&reader.info);
  const size_t row_bytes = static_cast<size_t>(image.width) * static_cast<size_t>(image.channels);
  while (reader.info.output_scanline < reader.info.output_height) {
    JSAMPROW row = image.pixels.get() + reader.info.output_scanline * row_bytes;
    jpeg_read_scanlines(&reader.info, &row, 1);
  }
  jpeg_finish_decompress(&reader.info);
}

}  // namespace

Result<Image> DecodeJpeg(const std::string& path, std::span<const uint8_t> file) {
  JpegReader reader;
  if (!Guarded(reader.failure, [&] { ReadHeader(reader, file); })) {
    return reader.failure.AsStatus(path);
  }
  const J_COLOR_SPACE colors = reader.info.jpeg_color_space;
  if (colors != JCS_GRAYSCALE && colors != JCS_YCbCr && colors != JCS_RGB) {
    return Error(Code::kInvalid, path.c_str(),
                 "found a JPEG in CMYK or unknown colours, allowed gray, YCbCr and RGB: convert it "
                 "to RGB first");
  }
  STINT_ASSIGN(Image image, AllocateImage(path, reader.info.image_width, reader.info.image_height,
                                          colors == JCS_GRAYSCALE ? 1 : 3));
  if (!Guarded(reader.failure, [&] { ReadRows(reader, image); })) {
    return reader.failure.AsStatus(path);
  }
  return image;
}

}  // namespace stint::cli
