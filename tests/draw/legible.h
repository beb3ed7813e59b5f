// Whether a scene can be read: no text on another, none beyond the picture, none too small.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "draw/field.h"
#include "draw/metrics.h"
#include "draw/scene.h"

namespace tconv::draw {

inline Box box_of(const Text& text) {
    const double width = ems(text.text, text.is_bold) * text.size;
    const double before = text.anchor == Anchor::start ? 0 : text.anchor == Anchor::middle ? 0.5 : 1;
    // Digits and capitals; what hangs below the baseline may touch the line below.
    return {text.x - before * width, text.y - 0.73 * text.size, width, 0.73 * text.size};
}

inline bool cover_each_other(const Box& a, const Box& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

inline std::vector<const Text*> texts_of(const Scene& scene, int step) {
    std::vector<const Text*> texts;
    for (const Item& item : scene.items)
        if (const Text* text = std::get_if<Text>(&item.shape); text && item.when.holds(step)) texts.push_back(text);
    return texts;
}

inline void expect_legible(const Scene& scene, const std::string& what) {
    for (int step = 0; step < scene.steps;
         step = std::max(step + 1, std::min(scene.last_step(), step + scene.steps / 12))) {
        const std::vector<const Text*> texts = texts_of(scene, step);
        ASSERT_FALSE(texts.empty());
        std::vector<Box> boxes;
        for (const Text* text : texts) {
            boxes.push_back(box_of(*text));
            EXPECT_GE(boxes.back().x, 0) << what << ": " << text->text;
            EXPECT_LE(boxes.back().x + boxes.back().width, scene.width) << what << ": " << text->text;
            EXPECT_LE(text->y + kDescent * text->size, scene.height) << what << ": " << text->text;
            EXPECT_GE(text->size, 6.5) << what << ": " << text->text;
        }
        for (std::size_t i = 0; i < boxes.size(); ++i)
            for (std::size_t j = i + 1; j < boxes.size(); ++j)
                EXPECT_FALSE(cover_each_other(boxes[i], boxes[j]))
                    << what << ", step " << step << ": '" << texts[i]->text << "' on '" << texts[j]->text << "'";
    }
}

}  // namespace tconv::draw
