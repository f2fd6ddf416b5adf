// What the tensors of an example are: said once, by the data set, and kept with the run.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/tensor/bundle.h"
#include "basewise/tensor/strand.h"

namespace basewise {

/// What a tensor is there for.
enum class Role {
  input,      ///< the model reads it
  target,     ///< a head is trained against it
  mask,       ///< says where another field was measured
  control,    ///< the model reads it: a measurement of the background
  replicate,  ///< a second measurement of a target
  weight,     ///< how much an example counts in the losses
  place,      ///< where the example comes from: position, chromosome, length of the circle
  set,        ///< which of several data sets the example is of
  restart,    ///< 1 where a stream of segments begins anew, so that a memory is emptied
};

constexpr auto words_of(Role) {
  return words<Role>({{Role::input, "input"},
                      {Role::target, "target"},
                      {Role::mask, "mask"},
                      {Role::control, "control"},
                      {Role::replicate, "replicate"},
                      {Role::weight, "weight"},
                      {Role::place, "place"},
                      {Role::set, "set"},
                      {Role::restart, "restart"}});
}

/// One tensor of an example.
struct Field {
  std::string name = {};
  at::ScalarType type = at::kFloat;
  std::vector<std::int64_t> shape = {};  ///< without the batch axis: (channels, positions), (channels) or (); -1 varies
  StrandRule rule = StrandRule::unchanged;
  Role role = Role::input;
  std::string of = {};  ///< the field that a mask, replicate or weight belongs to, or from which a target was derived; empty: none
  std::int64_t bin = 0;                    ///< bases per value along the last axis; 0: it has no positions
  std::vector<std::string> channels = {};  ///< names along the first axis; empty: they have numbers only
  std::vector<std::int64_t> sets = {};     ///< with several data sets: those that have it; empty: all
  /// Channel c is channel partners[c] on the other strand, beside how the rule moves it, as the two
  /// tracks of a stranded experiment; empty: each is itself. Only for unchanged and mirrored.
  std::vector<std::int64_t> partners = {};

  bool operator==(const Field&) const = default;
};

/// The fields of an example in order. Small: look-up is linear, as in a Bundle.
class Schema {
 public:
  Schema() = default;

  /// Errors: as `add`.
  Schema(std::initializer_list<Field> fields);

  /// Errors: ArgumentError for a name that is there already, for `of` that names no field before
  /// it, and for partners that are not each other's or do not suit the channels.
  void add(Field field);

  /// Adds the field "<name>.mask": bool, of the shape of `name`, moving as it does (mirrored where
  /// it holds tokens).
  void add_mask(const std::string& name);

  /// Adds the int64 scalars of a place: "position" and "chromosome", or others.
  void add_places(std::initializer_list<std::string_view> names);

  /// Null: there is none of this name.
  const Field* find(std::string_view name) const;

  /// Errors: ArgumentError that lists the names there are.
  const Field& at(std::string_view name) const;

  /// The first field of a role; null: there is none.
  const Field* first(Role role) const;

  /// The field of a role that belongs to `name`: its mask, replicate or weight; null: there is
  /// none.
  const Field* of(std::string_view name, Role role) const;

  /// How `name` moves under reverse complement. What is no field does not move.
  StrandRule strand_rule(std::string_view name) const;

  /// Another rule for a field; its mask follows. Errors: as `at`.
  void set_strand_rule(std::string_view name, StrandRule rule);

  /// Another shape for a field; its mask has it, too. Errors: as `at`.
  void set_shape(std::string_view name, std::vector<std::int64_t> shape);

  /// The fields that data set `set` of several has.
  Schema of_set(std::int64_t set) const;

  std::vector<std::string> names() const;
  std::vector<std::string> names(Role role) const;
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  bool operator==(const Schema&) const = default;

 private:
  Field& mutable_at(std::string_view name);
  std::vector<Field> fields_;
};

/// A batch (N, ...) of a field from the other strand, by its rule and then by partners of channels.
/// Errors: ShapeError as `other_strand` of a rule.
at::Tensor other_strand(const at::Tensor& batch, const Field& field);

/// Channels along axis 1 of a batch (N, channels, ...) in the places of their partners, if any.
/// Errors: ShapeError for another number of channels.
at::Tensor partners_swapped(const at::Tensor& batch, const std::vector<std::int64_t>& partners, std::string_view what);

/// The schema of an example by the names that it uses, for data sets that say no more: "sequence"
/// is an input that is complemented (or tokens), "x.mask" the mask of x, "replicate" that of
/// "profile" and "replicate_x" that of x, "control..." a control, "weight" that of the example and
/// "x.weight" that of x, "position", "chromosome" and "circle" a place; everything else is a target
/// that does not move, per base where it has two axes or more.
Schema schema_by_names(const Bundle& example);

/// An example full of zeros. Errors: ShapeError for a shape that varies.
Bundle blank_example(const Schema& schema);

/// Whether an example is as its schema says: the same names, types and shapes.
/// Errors: ShapeError that names the first difference.
void check_example(const Schema& schema, const Bundle& example);

/// "sequence (4, 37) float32, labels (5) float32"
std::string to_string(const Schema& schema);

/// An array of objects, one per field; what is as usual (no positions, no names, ...) is left out.
/// Errors (of reading): DataError.
nlohmann::ordered_json to_json(const Schema& schema);
Schema schema_from_json(const nlohmann::ordered_json& json);

}  // namespace basewise
