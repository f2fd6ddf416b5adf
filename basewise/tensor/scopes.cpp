#include "basewise/tensor/scopes.h"

#include <mutex>

#include "basewise/core/error.h"

namespace basewise {

ModeScope::ModeScope(torch::nn::Module& module, Mode mode) : root_(module), root_before_(module.is_training()) {
  for (const auto& child : module.modules(/*include_self=*/false)) before_.emplace_back(child, child->is_training());
  module.train(mode == Mode::train);
}

ModeScope::~ModeScope() {
  // `train` is recursive, so outer modules come first and inner ones correct what they were given.
  root_.train(root_before_);
  for (auto& [module, training] : before_) module->train(training);
}

namespace {

at::Generator& cpu_generator() {
  static at::Generator generator = at::globalContext().defaultGenerator(at::kCPU);
  return generator;
}

}  // namespace

RandomScope::RandomScope(std::uint64_t seed) {
  std::lock_guard lock(cpu_generator().mutex());
  before_ = cpu_generator().get_state();
  cpu_generator().set_current_seed(seed);
}

RandomScope::RandomScope(Stream stream) : RandomScope(stream.bits64()) {}

RandomScope::~RandomScope() {
  std::lock_guard lock(cpu_generator().mutex());
  cpu_generator().set_state(before_);
}

TensorThreadScope::TensorThreadScope(int n) : before_(at::get_num_threads()) {
  if (n < 1) throw ArgumentError(format("torch was asked to compute with {} threads; expected at least 1", n));
  at::set_num_threads(n);
}

TensorThreadScope::~TensorThreadScope() { at::set_num_threads(before_); }

}  // namespace basewise
