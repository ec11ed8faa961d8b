#include "tools/stint/named_files.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tools/stint/arguments.h"
#include "tools/stint/files.h"
#include "tools/stint/image_tensor.h"
#include "tools/stint/npz.h"
#include "tools/stint/tensor_file.h"

namespace stint::cli {

namespace {

// NAME=FILE for entry `i`, of whichever format.
Result<HostTensor> ReadNamed(const NamedFiles& named, size_t i, const NamedValue& pair) {
  if (named.read_image && IsImagePath(pair.value)) return named.read_image(i, pair.value);
  if (ExtensionOf(pair.value) != ".npz") return ReadTensorFile(pair.value);
  STINT_ASSIGN(const NpzFile archive, NpzFile::Open(pair.value));
  if (archive.Has(pair.name)) return archive.Read(pair.name);
  if (archive.members().size() == 1) return archive.Read(archive.members()[0]);
  return Error(Code::kInvalid, pair.value.c_str(), "found members %s, allowed '%s' or a single one",
               NameList(archive.members()).c_str(), pair.name.c_str());
}

// The member that belongs to entry `i`: its name, else its position unless that is another's name.
std::optional<std::string> MemberFor(const NamedFiles& named, size_t i, const NpzFile& archive) {
  if (archive.Has(named.names[i])) return named.names[i];
  const std::string& position = named.positions[i];
  const bool taken =
      std::find(named.names.begin(), named.names.end(), position) != named.names.end();
  if (position.empty() || taken || !archive.Has(position)) return std::nullopt;
  return position;
}

// Fills the entries that are still absent from a bare FILE.npz.
Status BindArchive(const NamedFiles& named, const std::string& path,
                   std::vector<HostTensor>& tensors) {
  STINT_ASSIGN(const NpzFile archive, NpzFile::Open(path));
  bool any = false;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const auto member = MemberFor(named, i, archive);
    any = any || member.has_value();
    if (tensors[i].present() || !member) continue;
    STINT_ASSIGN(tensors[i], archive.Read(*member));
  }
  if (any) return {};
  return Error(Code::kInvalid, path.c_str(),
               "found members %s, allowed names of the model's %ss: %s",
               NameList(archive.members()).c_str(), named.what, NameList(named.names).c_str());
}

}  // namespace

Result<std::vector<HostTensor>> ReadNamedFiles(const NamedFiles& named,
                                               const std::vector<std::string>& arguments) {
  std::vector<HostTensor> tensors(named.names.size());
  std::vector<std::string> archives;
  for (const std::string& argument : arguments) {
    const auto pair = SplitNamed(argument, named.names);
    if (!pair) {
      archives.push_back(argument);
      continue;
    }
    const auto found = std::find(named.names.begin(), named.names.end(), pair->name);
    const auto entry = static_cast<size_t>(found - named.names.begin());
    HostTensor& tensor = tensors[entry];
    if (tensor.present()) {
      return Error(Code::kInvalid, named.flag, "found '%s' twice, allowed once",
                   pair->name.c_str());
    }
    STINT_ASSIGN(tensor, ReadNamed(named, entry, *pair));
  }
  for (const std::string& argument : archives) {
    if (ExtensionOf(argument) != ".npz" ||
        (argument.find('=') != std::string::npos && !CheckRegularFile(argument).ok())) {
      return Error(Code::kInvalid, named.flag,
                   "found '%s', allowed FILE.npz or NAME=FILE with a NAME of %s", argument.c_str(),
                   NameList(named.names).c_str());
    }
    STINT_TRY(BindArchive(named, argument, tensors));
  }
  return tensors;
}

Result<std::vector<std::string>> NamesGiven(const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const std::string& argument : arguments) {
    const size_t first = argument.find('=');
    for (size_t at = first; at != std::string::npos; at = argument.find('=', at + 1)) {
      const bool likely = at == first || CheckRegularFile(argument.substr(at + 1)).ok();
      if (likely) names.push_back(argument.substr(0, at));
    }
    if (ExtensionOf(argument) != ".npz" || !CheckRegularFile(argument).ok()) continue;
    STINT_ASSIGN(const NpzFile archive, NpzFile::Open(argument));
    names.insert(names.end(), archive.members().begin(), archive.members().end());
  }
  return names;
}

}  // namespace stint::cli
