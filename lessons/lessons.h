// The lessons: a ladder from stamping by hand to checkerboards. Each is one file NN_name.cpp
// with a function of the same name: a short explanation, code that a person would copy, and what it prints.
//
// A new lesson is a file and a line in kLessons. `tconv tour` reads them out; docs/seeds.md says which lesson holds
// which cell of the two seed documents.
#pragma once

#include <string>
#include <string_view>

#include "page.h"

namespace tconv::lessons {

struct Lesson {
    const char* file;  ///< without .cpp; it begins with the lesson's number
    const char* title;
    void (*teach)(Page& page);

    int number() const noexcept { return (file[0] - '0') * 10 + (file[1] - '0'); }
};

void stamping(Page&), sizes(Page&), stride(Page&), padding(Page&), output_padding(Page&), dilation(Page&),
    channels(Page&), matrix_view(Page&), exchange(Page&), phases(Page&), phase_products(Page&), checkerboards(Page&),
    fully_convolutional(Page&), generative(Page&);

inline constexpr Lesson kLessons[] = {
    {"01_stamping", "stamping by hand", stamping},
    {"02_sizes", "sizes", sizes},
    {"03_stride", "stride", stride},
    {"04_padding", "padding", padding},
    {"05_output_padding", "output padding", output_padding},
    {"06_dilation", "dilation", dilation},
    {"07_channels", "channels and groups", channels},
    {"08_matrix", "the matrix and its transpose", matrix_view},
    {"09_exchange", "forward and backward exchange", exchange},
    {"10_phases", "phases", phases},
    {"11_matmul", "from phases to matrix multiplication", phase_products},
    {"12_checkerboards", "checkerboards", checkerboards},
    {"13_fcn", "fully convolutional networks", fully_convolutional},
    {"14_dcgan", "pictures out of noise", generative},
};

/// The file's text, as it was compiled.
std::string_view source_of(const Lesson& lesson);

/// Runs the lesson; its whole page, the same every time.
std::string read_out(const Lesson& lesson);

}  // namespace tconv::lessons
