#include "basewise/core/hash.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "basewise/core/error.h"

namespace basewise {

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
  bool ended = false;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (!state_->context || EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) != 1)
    throw InternalError("OpenSSL cannot start a SHA-256 computation");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  if (state_->ended || EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1)
    throw InternalError("SHA-256: the computation has ended already");
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (std::exchange(state_->ended, true) || EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length) != 1)
    throw InternalError("SHA-256: the computation has ended already");
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += format("{:02x}", digest[i]);
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string sha256_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw DataError(format("{}: cannot open: {}", path.string(), std::generic_category().message(errno)));
  Sha256 hash;
  std::vector<char> piece(1 << 20);
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    hash.update({piece.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (in.bad() || !in.eof()) throw DataError(format("{}: cannot read: {}", path.string(), std::generic_category().message(errno)));
  return hash.hex();
}

}  // namespace basewise
