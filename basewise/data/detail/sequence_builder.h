// Brings sequences of a file to one length and into memory.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "basewise/core/error.h"
#include "basewise/data/sequences.h"

namespace basewise::data::detail {

/// Collects sequences one by one.
class SequenceBuilder {
 public:
  SequenceBuilder(std::string source, LengthOptions length, seq::Ambiguity ambiguity);

  /// Errors: DataError at `where` for letters that are not allowed and for another length than
  /// expected.
  void add(std::string name, std::string_view letters, const FilePosition& where);

  SequenceData& data() { return *data_; }

  /// The data with notes on what was cut, filled up or made N.
  SequenceDataPtr finish();

  /// What was added since the last call, without notes; what follows has the same length.
  SequenceDataPtr take();

  /// What was cut, filled up or made N so far.
  std::vector<std::string> notes() const;

 private:
  std::string fitted(std::string_view letters, const FilePosition& where);
  std::shared_ptr<SequenceData> data_;
  LengthOptions length_;
  seq::Ambiguity ambiguity_;
  std::int64_t cut_ = 0;
  std::int64_t filled_ = 0;
  std::int64_t ambiguous_ = 0;
};

/// What sequences were read from: "a.fa", "a.fa and b.fa", "a.fa and 5 more files".
std::string source_of(std::initializer_list<const FileList*> files);

}  // namespace basewise::data::detail
