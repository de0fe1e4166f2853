#include "CCairo.h"
#include "CLibrary.h"
#include <stdlib.h>
#include <string.h>

// As cairo.h has them. Values of its enumerations are part of its ABI.
typedef struct cairo cairo_t;
typedef struct cairo_surface cairo_surface_t;
typedef struct cairo_pattern cairo_pattern_t;
typedef struct {
    double x_bearing, y_bearing, width, height, x_advance, y_advance;
} cairo_text_extents_t;
typedef int (*cairo_write_func_t)(void *closure, const unsigned char *data, unsigned int length);
enum { FORMAT_ARGB32 = 0, FORMAT_RGB24 = 1, STATUS_WRITE_ERROR = 11, LINE_JOIN_ROUND = 1, FILTER_NEAREST = 3 };

cairo_surface_t *cairo_image_surface_create(int format, int width, int height);
unsigned char *cairo_image_surface_get_data(cairo_surface_t *);
int cairo_image_surface_get_stride(cairo_surface_t *);
void cairo_surface_flush(cairo_surface_t *);
void cairo_surface_mark_dirty(cairo_surface_t *);
void cairo_surface_destroy(cairo_surface_t *);
int cairo_surface_status(cairo_surface_t *);
int cairo_surface_write_to_png_stream(cairo_surface_t *, cairo_write_func_t, void *);
const char *cairo_status_to_string(int);
cairo_t *cairo_create(cairo_surface_t *);
void cairo_destroy(cairo_t *);
int cairo_status(cairo_t *);
cairo_surface_t *cairo_get_target(cairo_t *);
void cairo_save(cairo_t *);
void cairo_restore(cairo_t *);
void cairo_translate(cairo_t *, double, double);
void cairo_scale(cairo_t *, double, double);
void cairo_rotate(cairo_t *, double);
void cairo_set_source_rgba(cairo_t *, double, double, double, double);
void cairo_set_source_surface(cairo_t *, cairo_surface_t *, double, double);
cairo_pattern_t *cairo_get_source(cairo_t *);
void cairo_pattern_set_filter(cairo_pattern_t *, int);
void cairo_paint(cairo_t *);
void cairo_rectangle(cairo_t *, double, double, double, double);
void cairo_new_path(cairo_t *);
void cairo_move_to(cairo_t *, double, double);
void cairo_line_to(cairo_t *, double, double);
void cairo_close_path(cairo_t *);
void cairo_fill(cairo_t *);
void cairo_stroke(cairo_t *);
void cairo_clip(cairo_t *);
void cairo_set_line_width(cairo_t *, double);
void cairo_set_line_join(cairo_t *, int);
void cairo_set_dash(cairo_t *, const double *, int, double);
void cairo_select_font_face(cairo_t *, const char *, int, int);
void cairo_set_font_size(cairo_t *, double);
void cairo_text_extents(cairo_t *, const char *, cairo_text_extents_t *);
void cairo_show_text(cairo_t *, const char *);

#define FUNCTIONS(X) \
    X(cairo_image_surface_create) X(cairo_image_surface_get_data) X(cairo_image_surface_get_stride) \
    X(cairo_surface_flush) X(cairo_surface_mark_dirty) X(cairo_surface_destroy) X(cairo_surface_status) \
    X(cairo_surface_write_to_png_stream) X(cairo_status_to_string) X(cairo_create) X(cairo_destroy) X(cairo_status) \
    X(cairo_get_target) X(cairo_save) X(cairo_restore) X(cairo_translate) X(cairo_scale) X(cairo_rotate) \
    X(cairo_set_source_rgba) X(cairo_set_source_surface) X(cairo_get_source) X(cairo_pattern_set_filter) \
    X(cairo_paint) X(cairo_rectangle) X(cairo_new_path) X(cairo_move_to) X(cairo_line_to) X(cairo_close_path) \
    X(cairo_fill) X(cairo_stroke) X(cairo_clip) X(cairo_set_line_width) X(cairo_set_line_join) X(cairo_set_dash) \
    X(cairo_select_font_face) X(cairo_set_font_size) X(cairo_text_extents) X(cairo_show_text)
AUP_LIBRARY(FUNCTIONS, "libcairo.so.2")

const char *aup_cairo_missing(void) { return aup_library_missing(&door); }

void *aup_cairo_create(int width, int height, const char **why) {
    cairo_surface_t *surface = library.cairo_image_surface_create(FORMAT_ARGB32, width, height);
    cairo_t *canvas = library.cairo_create(surface);
    // The canvas keeps it.
    library.cairo_surface_destroy(surface);
    int status = library.cairo_status(canvas);
    if (status) {
        *why = library.cairo_status_to_string(status);
        library.cairo_destroy(canvas);
        return NULL;
    }
    return canvas;
}

void aup_cairo_delete(void *canvas) { library.cairo_destroy(canvas); }

static void ink(cairo_t *canvas, uint32_t colour) {
    library.cairo_set_source_rgba(canvas, (colour >> 24) / 255.0, (colour >> 16 & 255) / 255.0,
                                  (colour >> 8 & 255) / 255.0, (colour & 255) / 255.0);
}

static void path(cairo_t *canvas, const double *points, size_t count) {
    library.cairo_new_path(canvas);
    for (size_t i = 0; i < count; i++) library.cairo_line_to(canvas, points[2 * i], points[2 * i + 1]);
}

void aup_cairo_rectangle(void *canvas, double x, double y, double width, double height, uint32_t colour) {
    ink(canvas, colour);
    library.cairo_rectangle(canvas, x, y, width, height);
    library.cairo_fill(canvas);
}

void aup_cairo_area(void *canvas, const double *points, size_t count, uint32_t colour) {
    ink(canvas, colour);
    path(canvas, points, count);
    library.cairo_close_path(canvas);
    library.cairo_fill(canvas);
}

void aup_cairo_line(void *canvas, const double *points, size_t count, double width, double dash, uint32_t colour) {
    ink(canvas, colour);
    library.cairo_set_line_width(canvas, width);
    library.cairo_set_line_join(canvas, LINE_JOIN_ROUND);
    library.cairo_set_dash(canvas, &dash, dash > 0 ? 1 : 0, 0);
    path(canvas, points, count);
    library.cairo_stroke(canvas);
}

void aup_cairo_text(void *canvas, const char *text, double x, double y, double size, double anchor, int isBold,
                    int isUpwards, uint32_t colour) {
    cairo_text_extents_t extents;
    library.cairo_save(canvas);
    ink(canvas, colour);
    library.cairo_select_font_face(canvas, "DejaVu Sans", 0, isBold ? 1 : 0);
    library.cairo_set_font_size(canvas, size);
    library.cairo_text_extents(canvas, text, &extents);
    library.cairo_translate(canvas, x, y);
    if (isUpwards) library.cairo_rotate(canvas, -1.5707963267948966);
    library.cairo_move_to(canvas, -anchor * extents.x_advance, 0);
    library.cairo_show_text(canvas, text);
    library.cairo_new_path(canvas);
    library.cairo_restore(canvas);
}

void aup_cairo_image(void *canvas, const uint32_t *pixels, int width, int height, double x, double y, double drawnWidth,
                     double drawnHeight) {
    cairo_surface_t *image = library.cairo_image_surface_create(FORMAT_RGB24, width, height);
    if (!library.cairo_surface_status(image)) {
        library.cairo_surface_flush(image);
        unsigned char *rows = library.cairo_image_surface_get_data(image);
        size_t stride = (size_t)library.cairo_image_surface_get_stride(image);
        for (int row = 0; row < height; row++)
            memcpy(rows + (size_t)row * stride, pixels + (size_t)row * (size_t)width, (size_t)width * sizeof *pixels);
        library.cairo_surface_mark_dirty(image);
        library.cairo_save(canvas);
        library.cairo_translate(canvas, x, y);
        library.cairo_scale(canvas, drawnWidth / width, drawnHeight / height);
        library.cairo_set_source_surface(canvas, image, 0, 0);
        library.cairo_pattern_set_filter(library.cairo_get_source(canvas), FILTER_NEAREST);
        library.cairo_rectangle(canvas, 0, 0, width, height);
        library.cairo_fill(canvas);
        library.cairo_restore(canvas);
    }
    library.cairo_surface_destroy(image);
}

void aup_cairo_clip(void *canvas, double x, double y, double width, double height) {
    library.cairo_save(canvas);
    library.cairo_rectangle(canvas, x, y, width, height);
    library.cairo_clip(canvas);
}

void aup_cairo_unclip(void *canvas) { library.cairo_restore(canvas); }

typedef struct {
    unsigned char *bytes;
    size_t count, room;
} growing;

static int append(void *closure, const unsigned char *data, unsigned int length) {
    growing *file = closure;
    if (file->room - file->count < length) {
        size_t room = (file->count + length) * 2;
        unsigned char *bytes = realloc(file->bytes, room);
        if (!bytes) return STATUS_WRITE_ERROR;
        file->bytes = bytes;
        file->room = room;
    }
    memcpy(file->bytes + file->count, data, length);
    file->count += length;
    return 0;
}

unsigned char *aup_cairo_png(void *canvas, size_t *count, const char **why) {
    growing file = {0};
    int status = library.cairo_status(canvas);
    if (!status) status = library.cairo_surface_write_to_png_stream(library.cairo_get_target(canvas), append, &file);
    if (status) {
        *why = library.cairo_status_to_string(status);
        free(file.bytes);
        return NULL;
    }
    *count = file.count;
    return file.bytes;
}

void aup_cairo_free(unsigned char *bytes) { free(bytes); }
