// What the program calls in the library of the verbs that need libtorch: functions with C linkage,
// so that nothing but text and numbers crosses the border.
#pragma once

#define BASEWISE_ENTRY extern "C" __attribute__((visibility("default")))

/// Runs a verb with `count` words and returns its exit code.
BASEWISE_ENTRY int basewise_run_verb(const char* verb, int count, const char* const* words);

/// What `basewise data export` is called here: the other verbs of `data` start without libtorch.
inline constexpr const char* kDataExport = "data export";

/// The same for `basewise motifs filters`.
inline constexpr const char* kMotifsFilters = "motifs filters";

/// What libtorch says about itself, as JSON text; valid until the next call.
BASEWISE_ENTRY const char* basewise_tensor_facts();
