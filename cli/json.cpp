#include "json.h"

#include <fmt/format.h>

namespace tconv::cli {

void print_json(const Json& json) { fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace)); }

}  // namespace tconv::cli
