#include "draw/order.h"

#include <algorithm>
#include <tuple>

namespace tconv::draw {

std::vector<const Item*> painting_order(const Scene& scene) {
    std::vector<const Item*> items;
    items.reserve(scene.items.size());
    for (const Item& item : scene.items) items.push_back(&item);
    std::sort(items.begin(), items.end(), [](const Item* a, const Item* b) {
        return std::tie(a->layer, a->when, a) < std::tie(b->layer, b->when, b);
    });
    return items;
}

}  // namespace tconv::draw
