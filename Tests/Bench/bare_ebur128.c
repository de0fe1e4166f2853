/* What libebur128 says of the loudness and the peaks of headerless 16-bit samples, called as its documentation shows,
 * and the processor seconds it takes with the samples in memory. Prints, for each turn: integrated loudness (LUFS),
 * loudness range (LU), the largest true peak and sample peak (amplitude), seconds. Six channels are L R C LFE Ls Rs.
 *
 *   bare_ebur128 FILE RATE CHANNELS [TURNS] */
#include <ebur128.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int count, char **words) {
    FILE *file = count >= 4 ? fopen(words[1], "rb") : NULL;
    unsigned long rate = count >= 4 ? strtoul(words[2], NULL, 10) : 0;
    unsigned channels = count >= 4 ? (unsigned)atoi(words[3]) : 0;
    int turns = count >= 5 ? atoi(words[4]) : 1;
    if (!file || fseek(file, 0, SEEK_END) != 0) return 1;
    size_t bytes = (size_t)ftell(file);
    short *samples = malloc(bytes);
    if (!samples || fseek(file, 0, SEEK_SET) != 0 || fread(samples, 1, bytes, file) != bytes) return 1;
    size_t frames = bytes / (sizeof *samples * channels), most = rate / 10;
    for (int turn = 0; turn < turns; turn++) {
        clock_t begin = clock();
        ebur128_state *state = ebur128_init(
            channels, rate, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_SAMPLE_PEAK | EBUR128_MODE_TRUE_PEAK);
        if (!state) return 1;
        for (size_t done = 0; done < frames; done += most) {
            size_t block = frames - done < most ? frames - done : most;
            if (ebur128_add_frames_short(state, samples + done * channels, block)) return 1;
        }
        double loudness = 0, range = 0, peak = 0, sample = 0;
        ebur128_loudness_global(state, &loudness);
        ebur128_loudness_range(state, &range);
        for (unsigned channel = 0; channel < channels; channel++) {
            double one = 0;
            ebur128_true_peak(state, channel, &one);
            if (one > peak) peak = one;
            ebur128_sample_peak(state, channel, &one);
            if (one > sample) sample = one;
        }
        ebur128_destroy(&state);
        printf("%.4f %.4f %.7f %.7f %.4f\n", loudness, range, peak, sample, (double)(clock() - begin) / CLOCKS_PER_SEC);
    }
    return 0;
}
