// NumPy's .npz archives: zip files of .npy members, stored or deflated. An archive is untrusted:
// what a member expands to is bounded, and memory grows only with bytes that are really there.
#ifndef STINT_TOOLS_STINT_NPZ_H_
#define STINT_TOOLS_STINT_NPZ_H_

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tools/stint/host_tensor.h"

struct zip;

namespace stint::cli {

class NpzFile {
 public:
  // kIo: missing or not a regular file; kInvalid: no zip archive, or two members of one name.
  static Result<NpzFile> Open(const std::string& path);

  const std::string& path() const { return path_; }
  // Names of the arrays, without ".npy", in the archive's order.
  const std::vector<std::string>& members() const { return members_; }
  bool Has(const std::string& member) const;
  // Errors name "PATH[member]".
  Result<HostTensor> Read(const std::string& member) const;

 private:
  struct Close {
    void operator()(zip* archive) const;
  };

  std::string path_;
  std::unique_ptr<zip, Close> archive_;
  std::vector<std::string> members_;
};

}  // namespace stint::cli

#endif  // STINT_TOOLS_STINT_NPZ_H_
