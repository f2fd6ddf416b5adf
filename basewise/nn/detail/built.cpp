#include "basewise/nn/detail/built.h"

namespace basewise::nn::detail {
namespace {

thread_local BuildScope* innermost = nullptr;

}  // namespace

BuildScope::BuildScope() : outer_(innermost) { innermost = this; }
BuildScope::~BuildScope() { innermost = outer_; }
BuildScope* BuildScope::current() { return innermost; }

}  // namespace basewise::nn::detail
