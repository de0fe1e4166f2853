#include "CTOML.h"
#include <cstdio>
#include <string_view>

// Mistakes come as values: nothing may be thrown through a C function.
#define TOML_EXCEPTIONS 0
// The reader descends once for each: bounded, so that no document can use up the stack.
#define TOML_MAX_NESTED_VALUES 16
#define TOML_ENABLE_FORMATTERS 0
// Debian's package has it as a library too; compiled in here, it is one dependency less for the binary.
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace {

struct Walk {
    void (*take)(void *, const aup_toml_value *);
    void *context;
};

void give(const Walk &walk, const toml::key *key, const toml::node &node, int32_t depth) {
    aup_toml_value value{};
    const auto begin = key ? key->source().begin : node.source().begin;
    value.line = begin.line;
    value.column = begin.column;
    value.depth = depth;
    if (key) {
        value.key = key->data();
        value.key_bytes = key->length();
    }
    if (const auto *text = node.as_string()) {
        value.kind = AUP_TOML_TEXT;
        value.text = (*text)->data();
        value.text_bytes = (*text)->size();
    } else if (const auto *integer = node.as_integer()) {
        value.kind = AUP_TOML_INTEGER;
        value.integer = **integer;
    } else if (const auto *number = node.as_floating_point()) {
        value.kind = AUP_TOML_NUMBER;
        value.number = **number;
    } else if (const auto *flag = node.as_boolean()) {
        value.kind = AUP_TOML_FLAG;
        value.integer = **flag ? 1 : 0;
    } else if (node.is_array()) {
        value.kind = AUP_TOML_LIST;
    } else if (node.is_table()) {
        value.kind = AUP_TOML_TABLE;
    } else {
        value.kind = AUP_TOML_TIME;
    }
    walk.take(walk.context, &value);
    if (const auto *list = node.as_array()) {
        for (const auto &element : *list) give(walk, nullptr, element, depth + 1);
    } else if (const auto *table = node.as_table()) {
        for (auto &&[name, member] : *table) give(walk, &name, member, depth + 1);
    }
}

} // namespace

int32_t aup_toml_read(
    const char *document, size_t bytes, void (*take)(void *, const aup_toml_value *), void *context,
    aup_toml_mistake *mistake) {
    const auto result = toml::parse(std::string_view(document, bytes));
    if (!result) {
        const auto &error = result.error();
        const auto reason = error.description();
        mistake->line = error.source().begin.line;
        mistake->column = error.source().begin.column;
        std::snprintf(
            mistake->reason, sizeof mistake->reason, "%.*s", static_cast<int>(reason.size()), reason.data());
        return 0;
    }
    const Walk walk{take, context};
    for (auto &&[name, member] : result.table()) give(walk, &name, member, 0);
    return 1;
}
