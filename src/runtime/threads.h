// How many CPUs there are to run on; default_threads() of executor.h is the public answer.
#pragma once

namespace tconv {

constexpr int kMostThreads = 4096;

// The CPUs of this thread's affinity mask, at least 1.
int allowed_cpus();

}  // namespace tconv
