// Messages of the type tf.train.Example: named lists of byte strings, numbers or integers, which
// records of training data hold (TensorFlow, example.proto and feature.proto).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace basewise::io {

/// The list of a feature, by its kind. A feature without a list is an empty list of bytes.
using TfFeature = std::variant<std::vector<std::string>, std::vector<float>, std::vector<std::int64_t>>;

/// The features of one example, in the order of the message; few, so look-up is linear.
class TfExample {
 public:
  /// Reads a serialised message. As in every reader of the wire format a feature that comes twice
  /// counts as the last one says, and fields of unknown numbers are passed over.
  /// Errors: DataError that says what is wrong and at which byte: a message that ends early, a
  /// number beyond 64 bits, a field of another kind than the format has, more than 1,000 features.
  static TfExample parse(std::string_view message);

  /// Replaces the feature of this name, or adds it.
  void set(std::string name, TfFeature feature);
  void set_bytes(std::string name, std::string bytes) { set(std::move(name), std::vector{std::move(bytes)}); }

  /// Null: there is none of this name.
  const TfFeature* find(std::string_view name) const;

  /// The one byte string of a feature.
  /// Errors: DataError naming the feature: not there (its neighbours are listed), another kind,
  /// another number of strings.
  const std::string& bytes(std::string_view name) const;

  /// The numbers of a feature. Errors: as `bytes`.
  std::span<const float> floats(std::string_view name) const;
  std::span<const std::int64_t> integers(std::string_view name) const;

  const std::vector<std::pair<std::string, TfFeature>>& features() const { return features_; }

  /// The message: numbers and integers packed, features in their order.
  std::string serialise() const;

 private:
  const TfFeature& at(std::string_view name) const;
  std::vector<std::pair<std::string, TfFeature>> features_;
};

}  // namespace basewise::io
