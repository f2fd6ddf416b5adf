// Variants into VCF, bgzip and BCF: rows of a file (io/vcf.h) with one more key.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "basewise/io/vcf.h"

namespace basewise::io {

/// What is added to the column INFO of each row.
struct VcfInfo {
  std::string key = {};          ///< as VCF allows: a letter or _, then letters, digits, _ and .
  std::string number = "A"; ///< how many values: a number, A (one for each ALT), R, G or '.'
  std::string description = {};
};

/// Writes rows in the order given: text, bgzip where the name ends in .gz or .bgz, BCF where it
/// ends in .bcf, text to standard output for "-". A file appears at `close`, destroyed before that
/// it leaves nothing behind.
///
/// Without `added`, header and rows are those of the file, byte for byte. With it the header gets
/// its line (in place of one of the same key), and what a header must have where it was not there:
/// ##fileformat and the line #CHROM.
/// Errors: ArgumentError for a key that VCF does not allow; DataError naming the file; of BCF also
/// DataError for a row that its header does not describe.
class VcfWriter {
 public:
  VcfWriter(const std::filesystem::path& path, const VcfHeader& header, const VcfInfo& added = {});
  ~VcfWriter();
  VcfWriter(VcfWriter&&) noexcept;

  /// The row as it is.
  void add(const VcfRecord& record);

  /// The row with `value` for the key that is added, in place of what stood there under this key;
  /// nothing else of it changes, but that '.' fills columns which it lacks.
  /// An empty value: the key is taken away.
  /// Errors: ArgumentError for a value with characters that end it (tab, line break, ;, =, blank).
  void add(const VcfRecord& record, std::string_view value);
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Errors: ArgumentError for a key that VCF does not allow in its column INFO.
void check_info_key(const std::string& key);

}  // namespace basewise::io
