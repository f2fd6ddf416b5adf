// The program: finds the verb and hands the rest of the command line to it.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "apps/basewise/support/descriptors.h"
#include "apps/basewise/support/guard.h"
#include "apps/basewise/tensor_library.h"
#include "apps/basewise/verbs.h"
#include "basewise/core/version.h"

namespace basewise::app {
namespace {

std::string help_text() {
  std::string text = "basewise trains, evaluates and applies deep models that read DNA.\n\nUsage: basewise VERB [ARGUMENTS]\n\nVerbs:\n";
  std::size_t widest = 0;
  for (const Verb& verb : kVerbs) widest = std::max(widest, verb.name.size());
  for (const Verb& verb : kVerbs) text += format("  {:<{}} {}\n", verb.name, widest, verb.summary);
  return text + R"(
Each verb explains itself and shows examples: basewise VERB --help
Other: basewise --help, basewise --version

Exit codes: 0 success; 2 wrong usage (flags, options, recipes); 3 a file or a data set is not
what it should be; 4 anything else; 130 interrupted, with everything saved to resume.

Begin with your own files, or with the built-in task:
  basewise new --help
  basewise simulate --out runs/simulated
  basewise train demo --out runs/demo
  basewise evaluate runs/demo                 (then open runs/demo/report.html)
  basewise predict runs/demo --fasta runs/simulated/sequences.fa --out runs/predictions
)";
}

[[noreturn]] void refuse_verb(const std::string& word) {
  if (word.starts_with('-')) throw ArgumentError(format("unknown flag {}; flags stand behind the verb, see basewise --help", word));
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  if (const auto near = nearest(word, names)) throw ArgumentError(format("unknown verb '{}'; did you mean {}?", word, *near));
  throw ArgumentError(format("unknown verb '{}'; there are {}", word, fmt::join(names, ", ")));
}

/// What the program answers itself, by the words and flags that ask for it.
enum class Question { help, version };
constexpr std::pair<std::string_view, Question> kQuestions[] = {{"--help", Question::help},
                                                                {"-h", Question::help},
                                                                {"help", Question::help},
                                                                {"--version", Question::version},
                                                                {"-V", Question::version}};

std::optional<Question> question_of(const std::string& word) {
  for (const auto& [known, question] : kQuestions)
    if (known == word) return question;
  return std::nullopt;
}

int answer(Question question) {
  switch (question) {
    case Question::help:
      return print(help_text()), 0;
    case Question::version:
      return print(format("basewise {}\n", version())), 0;
  }
  throw InternalError("unknown question");
}

/// Paths are told from the current folder, which another program may have removed.
void require_current_folder() {
  std::error_code error;
  const std::filesystem::path here = std::filesystem::current_path(error);
  if (error || here.empty())
    throw StateError(format("the current folder cannot be used: {}; was it removed? Change to another one (cd)", error.message()));
}

int run(Arguments arguments) {
  if (arguments.empty()) return answer(Question::help);
  const std::string first = arguments[0];
  // "help VERB" asks what "VERB --help" does.
  const std::optional<Question> question = question_of(first);
  if (question == Question::help && arguments.size() >= 2 && !first.starts_with('-')) return run({arguments[1], "--help"});
  if (question) return answer(*question);
  const auto verb = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& v) { return v.name == first; });
  if (verb == kVerbs.end()) refuse_verb(first);
  require_current_folder();
  arguments.erase(arguments.begin());
  return verb->run ? verb->run(arguments) : run_tensor_verb(first, arguments);
}

}  // namespace
}  // namespace basewise::app

int main(int argc, char** argv) {
  basewise::app::open_standard_descriptors();
  // Unloading libraries takes a tenth of a second in which a signal would deny what has been done.
  return basewise::app::guarded([&] { return basewise::app::run({argv + 1, argv + argc}); }, basewise::SignalsAfter::ignored);
}
