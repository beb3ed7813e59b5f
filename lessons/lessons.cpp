#include "lessons.h"

#include "tconv/nn.h"

namespace tconv::lessons {

std::string read_out(const Lesson& lesson) {
    nn::manual_seed(0);
    Page page(std::string(lesson.file, 2) + ' ' + lesson.title, source_of(lesson));
    lesson.teach(page);
    return page.text();
}

}  // namespace tconv::lessons
