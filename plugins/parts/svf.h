/* svf.h - a second-order filter that may be tuned anew at every frame.
 *
 * The state variable filter with trapezoidal integrators (Zavalishin, The Art of VA Filter Design, chapter 4; Simper, Linear
 * Trapezoidal Integrated State Variable Filter, 2013). Standing still it is the bilinear transform of its analogue model, as
 * the biquads of Bristow-Johnson's Audio EQ Cookbook are. Moving, it behaves better than they: what it remembers are two
 * integrators, which stay meaningful under any tuning.
 */
#ifndef AUP_PARTS_SVF_H
#define AUP_PARTS_SVF_H
#include <math.h>

#define PI 3.14159265358979323846 /* C11 has no name for it */

/* How it is tuned, and how much of input, band and low it gives: y = m0 x + m1 band + m2 low. Any g, k > 0 is stable, so two
 * shapes may be blended. */
typedef struct { double g, k, m0, m1, m2; } svf_shape;
/* The same as one matrix, where each frame waits for a multiplication and two additions of the frame before, not for six. */
typedef struct { double a11, a12, a21, a22, b1, b2, c1, c2, d; } svf;
typedef struct { double s1, s2; } svf_state;

/* tan(pi f / rate): the bilinear transform's frequency, held below half the rate, where it would be infinite. */
static inline double svf_tuning(double frequency, double rate) { return tan(PI * fmin(frequency / rate, 0.49)); }

static inline svf svf_make(svf_shape h) {
  const double a1 = 1 / (1 + h.g * (h.g + h.k)), a2 = h.g * a1, a3 = h.g * a2;
  return (svf){.a11 = 2 * a1 - 1, .a12 = -2 * a2, .b1 = 2 * a2,
               .a21 = 2 * a2, .a22 = 1 - 2 * a3, .b2 = 2 * a3,
               .c1 = h.m1 * a1 + h.m2 * a2, .c2 = h.m2 * (1 - a3) - h.m1 * a2, .d = h.m0 + h.m1 * a2 + h.m2 * a3};
}

/* One integrator alone: a first-order low pass, or what it takes away. */
static inline svf svf_make_first_order(double g, int is_high) {
  const double a = g / (1 + g);
  return is_high ? (svf){.a11 = 1 - 2 * a, .b1 = 2 * a, .c1 = a - 1, .d = 1 - a}
                 : (svf){.a11 = 1 - 2 * a, .b1 = 2 * a, .c1 = 1 - a, .d = a};
}

/* Frames until what it remembers has fallen by 100 dB: from the slower pole of s^2 + g k s + g^2, brought over by
 * (1 + s) / (1 - s). */
static inline double svf_tail(double g, double k) {
  const double real = g * k / 2, square = g * g - real * real; /* of the imaginary part; negative for two real poles */
  const double slow = square > 0 ? real : real - sqrt(-square), imaginary = square > 0 ? square : 0;
  const double size = ((1 - slow) * (1 - slow) + imaginary) / ((1 + slow) * (1 + slow) + imaginary);
  return ceil(2 * log(1e-5) / log(size));
}

static inline double svf_run(const svf *f, svf_state *s, double x) {
  const double y = f->d * x + f->c1 * s->s1 + f->c2 * s->s2;
  const double s1 = (f->b1 * x + f->a12 * s->s2) + f->a11 * s->s1;
  s->s2 = (f->b2 * x + f->a21 * s->s1) + f->a22 * s->s2;
  s->s1 = s1;
  return y;
}
#endif
