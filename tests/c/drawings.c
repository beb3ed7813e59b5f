/* Drawings: an SVG with the numbers that were given, and what is refused. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* The drawing, to be freed; null where it is refused. */
static char* drawing_of(const tconv_problem* problem, const tconv_drawing* how, const void* x, const void* w,
                        const void* b) {
    size_t needed = 0;
    char* text;
    CHECK_OK(tconv_draw(problem, how, x, w, b, NULL, 0, &needed));
    CHECK(needed > 1000 && needed < 1000000);
    text = malloc(needed);
    CHECK(text != NULL);
    if (text == NULL) return NULL;
    CHECK_FAILS(tconv_draw(problem, how, x, w, b, text, needed - 1, NULL), TCONV_BUFFER_TOO_SMALL, "longer");
    CHECK_OK(tconv_draw(problem, how, x, w, b, text, needed, NULL));
    CHECK(strlen(text) + 1 == needed);
    CHECK(strncmp(text, "<svg ", 5) == 0 && strcmp(text + needed - 8, "</svg>\n") == 0);
    return text;
}

static void expect(const tconv_problem* problem, const tconv_drawing* how, const void* x, const void* w, const void* b,
                   const char* has, const char* has_not) {
    char* const text = drawing_of(problem, how, x, w, b);
    if (text == NULL) return;
    CHECK(strstr(text, has) != NULL);
    CHECK(strstr(text, has_not) == NULL);
    free(text);
}

void test_drawings(void) {
    const float x[] = {1.5F, -2.0F}, w[] = {4.0F, 0.25F}, b[] = {8.0F};
    const double exact[] = {1.5, -2.0};
    tconv_problem problem = problem_of("n3 i2 k2 s2 bias"), large = problem_of("ic512 oc256 i1000x1000 k4 s2 p1 relu");
    tconv_drawing how = {0}, broken;
    how.struct_size = sizeof how;
    expect(&problem, &how, NULL, NULL, NULL, "data-name=\"y[3]\" data-value=\"5\"", "#12171d");
    expect(&problem, &how, x, w, b, "data-name=\"y[3]\" data-value=\"7.5\"", "#12171d");
    how.theme = TCONV_DARK;
    how.has_no_script = 1;
    how.fps = 4;
    expect(&problem, &how, x, w, b, "#12171d", "<script");
    how.view = "gather";
    expect(&problem, &how, x, w, b, "W turned by", "<script");
    how.view = "overlap";
    expect(&large, &how, NULL, NULL, NULL, "data-value=\"4\"", "<script");
    how.view = "both";
    how.is_sketch = 1;
    expect(&large, &how, x, w, b, "i3x3 k4 s2 p1", "relu");
    how.is_sketch = 0;
    CHECK_FAILS(tconv_draw(&large, &how, x, w, b, NULL, 0, NULL), TCONV_INVALID_ARGUMENT, "draw 'ic2 oc2 i4x4 k4 s2 p1");
    problem.dtype = TCONV_F64;
    expect(&problem, &how, exact, NULL, NULL, "data-name=\"x[1]\" data-value=\"-2\"", "data-value=\"nan\"");

    CHECK_FAILS(tconv_draw(NULL, &how, NULL, NULL, NULL, NULL, 0, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_draw(&problem, NULL, NULL, NULL, NULL, NULL, 0, NULL), TCONV_INVALID_ARGUMENT, "null");
    CHECK_FAILS(tconv_draw(&problem, &how, NULL, NULL, NULL, NULL, 7, NULL), TCONV_INVALID_ARGUMENT, "null");
#define REFUSED(member, value, words) \
    broken = how;                     \
    broken.member = (value);          \
    CHECK_FAILS(tconv_draw(&problem, &broken, NULL, NULL, NULL, NULL, 0, NULL), TCONV_INVALID_ARGUMENT, words)
    REFUSED(struct_size, 8, "struct_size");
    REFUSED(theme, 2, "theme");
    REFUSED(view, "side", "scatter, gather");
    REFUSED(view, "", "scatter, gather");
    REFUSED(fps, -1, "0.1 to 50");
    REFUSED(fps, 1e300, "0.1 to 50");
    REFUSED(fps, NAN, "0.1 to 50");
    REFUSED(has_no_script, 2, "has_no_script");
    REFUSED(is_sketch, -1, "is_sketch");
#undef REFUSED
}
