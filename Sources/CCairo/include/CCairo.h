// The door to cairo, which turns a drawing into pixels and pixels into PNG. It is opened when a picture is first wanted and
// never linked. Its functions have been the same since cairo 1.2, so they are declared in the door and no header is needed.
#ifndef CCAIRO_H
#define CCAIRO_H
#include <stddef.h>
#include <stdint.h>

/// Opens the library. `NULL` when it is there, else one line of what dlopen said, which stays valid.
const char *aup_cairo_missing(void);

/// Every function below wants aup_cairo_missing() to have returned NULL once. Canvases are opaque; lengths are pixels from
/// the top left corner; a colour is 0xRRGGBBAA.

/// A transparent canvas; `NULL` on failure, and then *why says it.
void *aup_cairo_create(int width, int height, const char **why);
void aup_cairo_delete(void *canvas);

void aup_cairo_rectangle(void *canvas, double x, double y, double width, double height, uint32_t colour);
/// A filled outline of `count` points, x and y in turn.
void aup_cairo_area(void *canvas, const double *points, size_t count, uint32_t colour);
/// A line through `count` points; `dash` is 0 for a whole one, else the length of its dashes and gaps.
void aup_cairo_line(void *canvas, const double *points, size_t count, double width, double dash, uint32_t colour);
/// One line of UTF-8 on its baseline. `anchor` is the share of its width left of x; `upwards` turns it by a right angle.
void aup_cairo_text(void *canvas, const char *text, double x, double y, double size, double anchor, int isBold,
                    int isUpwards, uint32_t colour);
/// Pixels of 0x00RRGGBB, one for one unless the rectangle is of another size.
void aup_cairo_image(void *canvas, const uint32_t *pixels, int width, int height, double x, double y, double drawnWidth,
                     double drawnHeight);
/// Until aup_cairo_unclip(), nothing is drawn outside.
void aup_cairo_clip(void *canvas, double x, double y, double width, double height);
void aup_cairo_unclip(void *canvas);

/// The canvas as PNG, to be freed with aup_cairo_free(). `NULL` on failure, and then *why says it.
unsigned char *aup_cairo_png(void *canvas, size_t *count, const char **why);
void aup_cairo_free(unsigned char *bytes);

#endif
