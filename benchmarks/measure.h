// Two programs measured in turn, A B A B, so that both see the same machine.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace basewise::benchmarks {

inline double seconds_of(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Processor time that others took since it was made:
/// other processes, and other machines on the same host (steal).
class Others {
 public:
  Others() : all_(all()), own_(own()) {}

  /// Share of all processors, 0 to 1.
  double share() const {
    const auto elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const double processors = static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN));
    return std::max(0.0, (all() - all_) - (own() - own_)) / (elapsed * processors);
  }

 private:
  // Busy time of all processors in seconds: user, nice, system, irq, softirq, steal of /proc/stat.
  static double all() {
    std::ifstream in("/proc/stat");
    std::string cpu;
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0;
    in >> cpu >> user >> nice >> system >> idle >> waiting >> irq >> softirq >> steal;
    return (user + nice + system + irq + softirq + steal) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  static double own() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double all_;
  double own_;
};

struct Turns {
  std::vector<double> ours;    ///< seconds
  std::vector<double> theirs;  ///< seconds, of the same turn
  double others = 0;           ///< share of the machine that other programs took meanwhile

  double best_of_ours() const { return *std::min_element(ours.begin(), ours.end()); }
  double best_of_theirs() const { return *std::min_element(theirs.begin(), theirs.end()); }
  /// Median of the ratios theirs / ours of single turns.
  double speedup() const { return median(speedups()); }
  double lowest_speedup() const {
    const std::vector<double> all = speedups();
    return *std::min_element(all.begin(), all.end());
  }
  double highest_speedup() const {
    const std::vector<double> all = speedups();
    return *std::max_element(all.begin(), all.end());
  }

 private:
  std::vector<double> speedups() const {
    std::vector<double> all;
    for (std::size_t i = 0; i < ours.size(); ++i) all.push_back(theirs[i] / ours[i]);
    return all;
  }
};

/// Runs both in turn for at least `fewest` turns and until `seconds` are over.
inline Turns turns_once(const std::function<void()>& ours, const std::function<void()>& theirs, double seconds, std::size_t fewest) {
  Turns turns;
  const Others others;
  for (double spent = 0; turns.ours.size() < fewest || (spent < seconds && turns.ours.size() < 100);) {
    turns.ours.push_back(seconds_of(ours));
    turns.theirs.push_back(seconds_of(theirs));
    spent += turns.ours.back() + turns.theirs.back();
  }
  turns.others = others.share();
  return turns;
}

/// The same after one round without a clock. What is measured while other programs work means
/// little: it is then measured again, up to twice, and the quietest counts.
inline Turns in_turn(const std::function<void()>& ours, const std::function<void()>& theirs, double seconds, std::size_t fewest = 5) {
  constexpr double kQuiet = 0.08;  // of the machine, by others
  ours();
  theirs();
  Turns best = turns_once(ours, theirs, seconds, fewest);
  for (int again = 0; again < 2 && best.others > kQuiet; ++again) {
    Turns next = turns_once(ours, theirs, seconds, fewest);
    if (next.others < best.others) best = std::move(next);
  }
  return best;
}

}  // namespace basewise::benchmarks
