#include "tools/stint/outputs.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "tools/stint/console.h"
#include "tools/stint/elements.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

namespace {

std::string CleanName(const std::string& name, const std::string& prefix) {
  std::string clean = name.empty() || name[0] == '.' ? prefix + name : name;
  for (char& letter : clean) {
    const bool kept = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
                      (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' ||
                      letter == '-';
    if (!kept) letter = '_';
  }
  return clean;
}

// Of the elements that are numbers.
std::string Statistics(const TensorView& tensor, int64_t count) {
  double low = INFINITY;
  double high = -INFINITY;
  double sum = 0;
  int64_t nans = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double value = NumberAt(tensor, i).real();
    if (std::isnan(value)) {
      ++nans;
      continue;
    }
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
  }
  if (nans == count) return ", all NaN";
  const std::string text =
      Format(", min %.6g, max %.6g, mean %.6g", low, high, sum / static_cast<double>(count - nans));
  return nans == 0 ? text : text + Format(", NaN %lld times", static_cast<long long>(nans));
}

}  // namespace

std::vector<std::string> OutputFileNames(const std::vector<std::string>& names,
                                         TensorFormat format) {
  std::vector<std::string> files;
  std::set<std::string> taken;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string prefix = "output_" + std::to_string(i);
    if (format == TensorFormat::kPb) {
      files.push_back(prefix + ".pb");
      continue;
    }
    std::string name = CleanName(names[i], prefix);
    while (!taken.insert(name).second) name += "_" + std::to_string(i);
    files.push_back(name + ".npy");
  }
  return files;
}

std::string SummaryLine(const std::string& name, const TensorView& tensor) {
  constexpr int64_t kShown = 6;
  const int64_t count = ElementCount(tensor);
  std::string line =
      Printable(name) + ": " + NameOf(tensor.dtype) + " " + ExtentsText(ExtentsOf(tensor));
  if (count == 0) return line + ", no elements\n";
  if (InfoOf(tensor.dtype).kind != DTypeClass::kComplex) line += Statistics(tensor, count);
  line += ", first";
  for (int64_t i = 0; i < std::min(count, kShown); ++i) line += " " + ElementText(tensor, i);
  return line + (count > kShown ? " ...\n" : "\n");
}

}  // namespace stint::cli
