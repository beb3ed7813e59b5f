#include "draw/order.h"

#include <algorithm>
#include <tuple>

namespace tconv::draw {

std::vector<const Item*> painting_order(const Scene& scene) {
    std::vector<const Item*> items;
    for (const Item& item : scene.items) items.push_back(&item);
    std::stable_sort(items.begin(), items.end(), [](const Item* a, const Item* b) {
        return std::tie(a->layer, a->when) < std::tie(b->layer, b->when);
    });
    return items;
}

}  // namespace tconv::draw
