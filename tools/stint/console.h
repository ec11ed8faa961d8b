// What the command line prints: results on stdout, errors on stderr, one line each.
#ifndef STINT_TOOLS_STINT_CONSOLE_H_
#define STINT_TOOLS_STINT_CONSOLE_H_

#include <nlohmann/json_fwd.hpp>
#include <stint/stint.hpp>
#include <string>
#include <string_view>

#include "runtime/base/status.h"
#include "tools/stint/files.h"

namespace stint::cli {

// The exit code of results that differ; the others are those of Code.
inline constexpr int kExitDiffers = 3;

// Keeps the order of keys as documents are described.
using Json = nlohmann::ordered_json;

// printf into a std::string.
[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...);

// Names come from models: control characters would disturb a terminal and become \xNN, as does what
// is no UTF-8.
std::string Printable(std::string_view text);

// Writes all of it to stdout, now. kIo: a closed pipe, a full disk.
Status PrintResult(const std::string& text);

// What stint.hpp threw, as the tool's own errors are.
Status StatusOf(const api::Error& error);

// "stint: CODE: WHERE: found X, allowed Y" on stderr.
void PrintError(const Status& status);
void PrintError(const char* code, const std::string& where, const std::string& message);

// "stint: note: ..." on stderr.
void PrintNote(const std::string& text);

// Prints or stages a --json document: `path` is a file, "-" for stdout, or empty for none. Bytes
// that are no UTF-8 become U+FFFD.
Status WriteJson(const Json& document, const std::string& path, FileTransaction& files);

// `text` goes to stdout unless the JSON document does.
Status PrintSummary(const std::string& text, const std::string& json_path);

// Milliseconds with four decimals, for documents.
double RoundedMilliseconds(double milliseconds);

// "1,234,567 bytes".
std::string BytesText(uint64_t bytes);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_CONSOLE_H_
