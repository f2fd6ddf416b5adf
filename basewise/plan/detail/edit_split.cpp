#include "basewise/plan/detail/edit_split.h"

#include <algorithm>

namespace basewise::plan::detail {
namespace {

class Splitter {
 public:
  Splitter(PlanProgram program, int edited) : edited_(edited) {
    split_.program = std::move(program);
    split_.roles.assign(ops().size(), EditRole::held);
  }

  EditSplit operator()() {
    for (int i = 0; i < count(); ++i) split_.roles[static_cast<std::size_t>(i)] = role_of(i);
    find_fed();
    find_kept();
    split_.reference = split_.program;
    split_.reference.outputs = split_.kept;
    make_rest();
    return std::move(split_);
  }

 private:
  const std::vector<PlanOp>& ops() const { return split_.program.ops; }
  int count() const { return static_cast<int>(ops().size()); }
  EditRole role(int value) const { return split_.role(value); }
  const PlanOp& op(int value) const { return split_.op(value); }

  EditRole role_of(int value) const {
    const PlanOp& o = op(value);
    if (o.kind == PlanKind::input) return o.input != edited_ ? EditRole::held : o.positions ? EditRole::rows : EditRole::whole;
    const auto any = [&](auto&& f) { return std::any_of(o.sources.begin(), o.sources.end(), f); };
    if (!any([&](int s) { return role(s) != EditRole::held; })) return EditRole::held;
    const bool near = !any([&](int s) { return role(s) != EditRole::held && role(s) != EditRole::rows; });
    const EditRole first = role(o.sources.front());
    switch (o.kind) {
      case PlanKind::conv:
      case PlanKind::pool:
      case PlanKind::map:
      case PlanKind::point:
      case PlanKind::add:
      case PlanKind::concat:
      case PlanKind::crop:
        return near && o.positions && !any([&](int s) { return !op(s).positions; }) ? EditRole::rows : EditRole::whole;
      case PlanKind::global:
        return near ? EditRole::total : EditRole::whole;
      case PlanKind::flatten:
        return near && o.rows_of > 0 ? EditRole::passed : EditRole::whole;
      case PlanKind::dense:
        return first == EditRole::passed ? EditRole::flat : EditRole::whole;
      default:
        return EditRole::whole;
    }
  }

  void find_fed() {
    std::vector<char> wanted(ops().size(), 0);
    for (const int output : split_.program.outputs) wanted[static_cast<std::size_t>(output)] = 1;
    for (int i = 0; i < count(); ++i)
      if (role(i) == EditRole::whole)
        for (const int s : op(i).sources) wanted[static_cast<std::size_t>(s)] = 1;
    for (int i = 0; i < count(); ++i)
      if (wanted[static_cast<std::size_t>(i)] != 0 && role(i) != EditRole::whole) split_.fed.push_back(i);
  }

  // What is read to know the values beside or under a change.
  void find_kept() {
    std::vector<char> wanted(ops().size(), 0);
    for (const int value : split_.fed) wanted[static_cast<std::size_t>(value)] = 1;
    for (int i = 0; i < count(); ++i) {
      const PlanOp& o = op(i);
      const bool bends = o.kind == PlanKind::pool || o.kind == PlanKind::point || (o.kind == PlanKind::map && !is_linear(o));
      const bool bent = role(i) == EditRole::rows && bends;
      const bool compared = role(i) == EditRole::total && o.pooling == kernels::Pooling::largest;
      if (bent) wanted[static_cast<std::size_t>(i)] = 1;
      if (bent || compared) wanted[static_cast<std::size_t>(o.sources.front())] = 1;
    }
    split_.place.assign(ops().size(), -1);
    for (int i = 0; i < count(); ++i) {
      if (wanted[static_cast<std::size_t>(i)] == 0) continue;
      split_.place[static_cast<std::size_t>(i)] = static_cast<int>(split_.kept.size());
      split_.kept.push_back(i);
    }
  }

  void make_rest() {
    std::vector<int> number(ops().size(), -1);
    for (const int value : split_.fed) {
      PlanOp o;
      o.kind = PlanKind::input, o.name = op(value).name, o.positions = op(value).positions, o.channels = op(value).channels;
      o.input = static_cast<int>(split_.rest.ops.size());
      number[static_cast<std::size_t>(value)] = o.input;
      split_.rest.ops.push_back(std::move(o));
    }
    for (int i = 0; i < count(); ++i) {
      if (role(i) != EditRole::whole) continue;
      PlanOp o = op(i);
      if (o.kind == PlanKind::plain) split_.behind.push_back(o.name);
      for (int& s : o.sources) s = number[static_cast<std::size_t>(s)];
      number[static_cast<std::size_t>(i)] = static_cast<int>(split_.rest.ops.size());
      split_.rest.ops.push_back(std::move(o));
    }
    for (const int output : split_.program.outputs) split_.rest.outputs.push_back(number[static_cast<std::size_t>(output)]);
  }

  int edited_;
  EditSplit split_;
};

}  // namespace

bool is_linear(const PlanOp& op) { return op.activation == kernels::Activation::identity; }

EditSplit split_for_edits(PlanProgram program, int edited) { return Splitter(std::move(program), edited)(); }

}  // namespace basewise::plan::detail
