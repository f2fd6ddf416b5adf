// A program cut for edits of one input: what an edit changes a few rows of, and what stands behind.
#pragma once

#include <string>
#include <vector>

#include "basewise/plan/detail/program.h"

namespace basewise::plan::detail {

/// How a value of a program follows an edit.
enum class EditRole {
  held,    ///< does not depend on the edited input
  rows,    ///< some rows change
  total,   ///< pooling over all positions of such rows: the changed rows alone are added up or compared
  flat,    ///< a matrix product behind a flattening of such rows: the changed columns alone
  passed,  ///< a flattening that `flat` products alone read: never there as a whole
  whole,   ///< computed as a whole for each edit
};

struct EditSplit {
  PlanProgram program;
  std::vector<EditRole> roles;
  std::vector<int> kept;   ///< values of the reference pass that are read later, rising
  std::vector<int> place;  ///< of a value in `kept`; -1: not there
  std::vector<int> fed;    ///< values that the rest reads, or that are outputs; all are kept
  PlanProgram reference;   ///< gives `kept`
  PlanProgram rest;        ///< from `fed` to the outputs of the program
  std::vector<std::string> behind;  ///< layers in the rest that a plan does not know

  EditRole role(int value) const { return roles[static_cast<std::size_t>(value)]; }
  const PlanOp& op(int value) const { return program.ops[static_cast<std::size_t>(value)]; }
};

/// `program` with sums that stay sums (`PlanJoined::factors`); `edited`: number of the input.
EditSplit split_for_edits(PlanProgram program, int edited);

/// Whether a map multiplies and adds alone.
bool is_linear(const PlanOp& op);

}  // namespace basewise::plan::detail
