// What stands for npz.cc in a program without libzip: every archive is refused, saying so.
#include "tools/stint/npz.h"

namespace stint::cli {

namespace {

Status NoArchives(const std::string& path) {
  return Error(Code::kInvalid, path.c_str(),
               "found the .npz format, allowed .npy: this program was built without libzip");
}

}  // namespace

void NpzFile::Close::operator()(zip*) const {}

Result<NpzFile> NpzFile::Open(const std::string& path) { return NoArchives(path); }

bool NpzFile::Has(const std::string&) const { return false; }

Result<HostTensor> NpzFile::Read(const std::string&) const { return NoArchives(path_); }

}  // namespace stint::cli
