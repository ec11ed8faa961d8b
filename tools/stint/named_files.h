// Tensors that arguments name: what --input and --expect have in common.
#ifndef STINT_TOOLS_STINT_NAMED_FILES_H_
#define STINT_TOOLS_STINT_NAMED_FILES_H_

#include <functional>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/host_tensor.h"

namespace stint::cli {

struct NamedFiles {
  std::vector<std::string> names;
  // The member that stands for names[i] in archives that do not know the names: "in0"; empty: none.
  std::vector<std::string> positions;
  const char* flag;  // "--input", for errors.
  const char* what;  // "input".
  // Reads a picture for names[i]; empty: none are taken.
  std::function<Result<HostTensor>(size_t i, const std::string& path)> read_image;
};

// Tensors from arguments NAME=FILE (.npy, .pb, a picture, the member NAME of an .npz, or its only
// one) and FILE.npz, whose members are bound by name, else by position. An explicit NAME wins over
// a bare archive, an earlier archive over a later one. Entry i belongs to names[i] and is absent
// when no argument gives it. kInvalid: an unknown name, a name twice, an archive without a matching
// member.
Result<std::vector<HostTensor>> ReadNamedFiles(const NamedFiles& named,
                                               const std::vector<std::string>& arguments);

// Every name that such arguments may give a tensor to: where an argument has several '=', behind
// which one there is a file says which is meant.
Result<std::vector<std::string>> NamesGiven(const std::vector<std::string>& arguments);

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_NAMED_FILES_H_
