// Small studies for the tests of this module.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/study/study.h"

namespace basewise::study::testing {

/// A fresh folder for a test.
inline fs::path fresh_folder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const fs::path folder =
      fs::path(::testing::TempDir()) / format("basewise_study_{}_{}", test->test_suite_name(), test->name());
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

inline constexpr const char* kSmall = R"(
title = "A small study"
recipe = "demo"
set = ["train.epochs=1"]

[[axes]]
name = "training"
  [[axes.values]]
  name = "plain"
  [[axes.values]]
  name = "augmented"
  title = "with both strands"
  set = ["strand.train=augmented"]

[[axes]]
name = "width"
key = "data.simulation.length"
numbers = [200, 300]

[[axes]]
name = "seed"
key = "seed"
numbers = [7, 11, 13, 17, 19]

[[evaluations]]
name = "single"
splits = ["test", "train"]

[[evaluations]]
name = "conjoined"
set = ["strand.predict=conjoined"]
when = ["training=augmented"]

[[exclude]]
when = ["training=plain", "width=300"]
)";

/// Writes `text` as study.toml into a fresh folder and loads it.
inline Study write_study(const std::string& text = kSmall) {
  const fs::path folder = fresh_folder();
  write_file(folder / "study.toml", text);
  return load_study(folder.string());
}

using Json = nlohmann::ordered_json;

/// What a worker leaves behind of a run: `notes` without their mark.
inline void write_notes(const Study& study, const std::string& run, Json notes) {
  notes["format"] = "basewise study run";
  write_file(study.work(run, ".json"), notes.dump());
}

}  // namespace basewise::study::testing
