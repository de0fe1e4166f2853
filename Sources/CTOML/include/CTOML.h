// TOML 1.0, read by toml++, behind C: what a document holds, value by value, with the places where it stands.
#ifndef CTOML_H
#define CTOML_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    AUP_TOML_TEXT = 0,
    AUP_TOML_INTEGER = 1,
    AUP_TOML_NUMBER = 2,
    AUP_TOML_FLAG = 3,
    AUP_TOML_TIME = 4, // dates and times
    AUP_TOML_LIST = 5,
    AUP_TOML_TABLE = 6
} aup_toml_kind;

/// A value. Those inside a list or table follow it, one deeper. Valid only during the call that gives it.
typedef struct {
    const char *key; // no end mark; nothing inside lists
    size_t key_bytes;
    const char *text; // of AUP_TOML_TEXT; no end mark
    size_t text_bytes;
    int64_t integer; // of AUP_TOML_INTEGER, and 0 or 1 of AUP_TOML_FLAG
    double number;
    int32_t kind;
    int32_t depth;   // 0 outermost
    uint32_t line;   // of the key, or of a list's element; counted from 1, 0 where it is not known
    uint32_t column; // in characters
} aup_toml_value;

typedef struct {
    uint32_t line, column;
    char reason[256];
} aup_toml_mistake;

/// Reads a document (UTF-8, `bytes` of it) and gives each value to `take`, tables in the order of their keys. 1, or 0 and
/// the mistake. Arrays and inline tables nest 16 deep at most; the caller bounds dotted keys.
int32_t aup_toml_read(
    const char *document, size_t bytes, void (*take)(void *context, const aup_toml_value *value), void *context,
    aup_toml_mistake *mistake);

#ifdef __cplusplus
}
#endif
#endif
