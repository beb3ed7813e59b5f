// JSON as every command prints it: fields in the order they are set, schema_version first, infinities as null.
#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "tconv/result.h"

namespace tconv::cli {

using Json = nlohmann::ordered_json;

/// An object that begins with "schema_version".
inline Json versioned_json() { return Json{{"schema_version", 1}}; }

/// A number that JSON can hold, or null.
inline Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// Prints the object on stdout; bytes that are not UTF-8 are replaced.
void print_json(const Json& json);

}  // namespace tconv::cli
