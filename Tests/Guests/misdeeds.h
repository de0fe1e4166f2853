/* One misdeed each, chosen with -DMISDEED_<name>, for the guests that --check has to find out. The same for every interface:
 * each calls these four where it does its own work. Without a misdeed nothing is wrong with them. */
#include <fenv.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { float held; unsigned long ran; } misdeed_state;

static pthread_mutex_t misdeed_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int misdeed_sink;
static int misdeed_instances;

static void misdeed_loaded(void) {
#ifdef MISDEED_EXIT_WHEN_LOADED
  exit(0);
#elif defined MISDEED_CRASH_WHEN_LOADED
  *(volatile int *)8 = 1;
#endif
}

#ifdef MISDEED_THREAD
static void *misdeed_stay(void *unused) { for (;;) pause(); return unused; }
#endif

static int misdeed_created(void) {
#if defined MISDEED_REFUSE
  return 0;
#elif defined MISDEED_SECOND_CRASHES
  if (misdeed_instances++) *(volatile int *)8 = 1;
#elif defined MISDEED_CLOSE
  close(100);
#elif defined MISDEED_LEAK
  dup(2);
#elif defined MISDEED_SIGNAL
  signal(SIGTERM, SIG_IGN);
#elif defined MISDEED_LOCALE
  setlocale(LC_ALL, "C.UTF-8");
#elif defined MISDEED_DIRECTORY
  if (chdir("/")) return 0;
#elif defined MISDEED_THREAD
  pthread_t thread;
  pthread_create(&thread, NULL, misdeed_stay, NULL);
#elif defined MISDEED_PRINT
  printf("look at me\n");
#endif
  return 1;
}

static void misdeed_destroyed(void) {
#ifdef MISDEED_SECOND_CRASHES
  misdeed_instances--;
#elif defined MISDEED_CRASH_IN_DESTRUCTOR
  *(volatile int *)8 = 1;
#endif
}

#ifdef MISDEED_STACK_OVERFLOW
static int misdeed_dig(volatile char *above, int depth) {
  volatile char here[4096];
  here[0] = above[0];
  return misdeed_dig(here, depth + 1) + here[0];
}
#endif

/* The sound: half as loud, or what the misdeed makes of it. `amount` is a parameter from 0 to 1. */
static void misdeed_run(misdeed_state *state, const float *in, float *out, unsigned long frames, float amount) {
  for (unsigned long i = 0; i < frames; i++) {
#ifdef MISDEED_SILENT
    if (i % 2) continue;
#endif
#ifdef MISDEED_NOT_IN_PLACE
    out[i] = (in[i] + (i ? in[i - 1] : 0)) * 0.25f;
#else
    out[i] = in[i] * 0.5f;
#endif
  }
#if defined MISDEED_SEGFAULT
  if (state->ran >= 512) *(volatile int *)8 = 1;
#elif defined MISDEED_CRASH_AT_LOUD
  for (unsigned long i = 0; i < frames; i++)
    if (in[i] > 0.99f) *(volatile int *)8 = 1;
#elif defined MISDEED_ABORT
  abort();
#elif defined MISDEED_STACK_OVERFLOW
  char first = 0;
  misdeed_sink = misdeed_dig(&first, 0);
#elif defined MISDEED_EXIT
  exit(0);
#elif defined MISDEED_HARD_EXIT
  _exit(0);
#elif defined MISDEED_LOOP
  if (state->ran >= 512) for (;;) misdeed_sink++;
#elif defined MISDEED_BEHIND
  out[frames] = 1;
#elif defined MISDEED_BEFORE
  out[-2] = 1;
#elif defined MISDEED_INPUT
  ((float *)in)[0] = 1;
#elif defined MISDEED_READ_BEHIND
  misdeed_sink = (int)in[frames + 1];
#elif defined MISDEED_MALLOC
  char *volatile memory = malloc(100);
  free(memory);
#elif defined MISDEED_LOCK
  pthread_mutex_lock(&misdeed_lock);
  pthread_mutex_unlock(&misdeed_lock);
#elif defined MISDEED_SLEEP
  usleep(1);
#elif defined MISDEED_FILE
  FILE *file = fopen("/dev/null", "r");
  if (file) fclose(file);
#elif defined MISDEED_PRINT_IN_RUN
  if (state->ran == 0) printf("at frame %g\n", 0.5);
#elif defined MISDEED_FLOATS
  fesetround(FE_UPWARD);
#elif defined MISDEED_NAN
  if (frames > 2) out[2] = NAN;
#elif defined MISDEED_INFINITE
  if (frames > 2) out[2] = INFINITY;
#elif defined MISDEED_HUGE
  if (frames > 2) out[2] = 1e30f;
#elif defined MISDEED_DENORMAL
  if (frames > 2) { unsigned bits = 77; memcpy(&out[2], &bits, 4); }
#elif defined MISDEED_EXTREME
  if (amount > 0.999f && frames > 2) out[2] = NAN;
#elif defined MISDEED_RANDOM
  out[0] += (float)rand() / (float)RAND_MAX * 0.01f;
#elif defined MISDEED_SHARED
  static float shared;
  float mine = shared;
  shared = in[frames - 1];
  out[0] += state->ran ? mine * 0.1f : 0;
#elif defined MISDEED_SCRATCH
  /* One scratch for all instances: right as long as no two of them are at work at once. */
  static float scratch[4096];
  for (unsigned long i = 0; i < frames; i++) scratch[i] = in[i];
  for (unsigned long i = 0; i < frames; i++) out[i] = scratch[i] * 0.5f;
#elif defined MISDEED_NO_RESET
  out[0] += state->held;
  state->held = in[frames - 1] * 0.1f;
#elif defined MISDEED_BLOCKS
  out[frames - 1] += 0.1f;
#endif
  state->ran += frames;
  (void)amount;
}
