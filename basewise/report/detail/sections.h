// The sections of the document, each from what the run folders have; an empty section is left out.
#pragma once

#include <optional>
#include <vector>

#include "basewise/report/detail/blocks.h"

namespace basewise::report::detail {

using Runs = std::vector<Run>;

std::vector<std::string> ids_of(const Runs& runs);

Section results_section(const Runs& runs);   ///< results.cpp: key figures or the comparison, curves, densities
Section outputs_section(const Runs& runs);   ///< outputs.cpp: a table with a row per output
Section training_section(const Runs& runs);  ///< training.cpp
Section tracks_section(const Runs& runs);    ///< tracks.cpp
Section filters_section(const Runs& runs);   ///< logos.cpp
Section data_section(const Runs& runs);      ///< data_card.cpp
Section model_section(const Runs& runs);     ///< model_table.cpp
Section record_section(const Runs& runs);    ///< record.cpp

// Figures; none where no run has what they show. With several runs, lines are of all outputs pooled.
std::optional<Figure> roc(const Runs& runs);                ///< ranking.cpp
std::optional<Figure> precision_recall(const Runs& runs);   ///< ranking.cpp
std::optional<Figure> calibration(const Runs& runs);        ///< ranking.cpp
std::optional<Figure> prediction_counts(const Runs& runs);  ///< ranking.cpp: how many positives and negatives are given which probability
std::vector<Figure> predicted_observed(const Runs& runs);   ///< regression.cpp: one per output that is shown
std::vector<Figure> example_values(const Runs& runs);       ///< profiles.cpp: how values of single examples spread, one per metric
std::vector<Figure> metric_intervals(const Runs& runs);     ///< results.cpp: one per metric
std::vector<Figure> training_curves(const Runs& runs);      ///< training.cpp: loss, metrics, learning rate
std::optional<Figure> epoch_times(const Runs& runs);        ///< training.cpp
std::vector<Figure> locus_tracks(const Runs& runs);         ///< tracks.cpp
std::vector<Figure> filter_logos(const Run& run, std::size_t number);  ///< logos.cpp: strongest filters of the first layer
std::optional<Figure> class_balance(const Run& run);                   ///< data_card.cpp

/// Whether the evaluation of a run is of profiles (profiles.cpp).
bool is_profile(const Run& run);

/// What stands beside a metric of profiles: median, what other predictions reach, where it is undefined.
std::string profile_note(const Run& run, const results::MetricValue& metric);

/// What an evaluation calls "pooled", in words.
std::string pooled_name(const Run& run);

/// "test", "validation" or "training" set, in words.
std::string set_name(const std::string& split);

}  // namespace basewise::report::detail
