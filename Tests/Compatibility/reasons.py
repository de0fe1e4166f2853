"""Why some plugins sound otherwise in aup than in any other host, where run.py cannot see it: looked into one by one."""

# Noise whose seed is the time in seconds: they run with a clock that stands, or hosts would equal by chance.
TIMED = r"ladspa:random_\d+:|/blop/random$"

# (pattern of the reference, reason)
REASONS = [
    (r"cmt:bf2(cube|quad)$",
     "it reads behind the end of its inputs (`aup process --check` says where), so every host has something else there"),
    (r"swh-plugins/(delay|comb|allpass)_n$",
     "it leaves the last sample of some blocks unwritten: silence in aup, in other hosts what their buffer held before"),
    (r"ladspa:.*:(delay|comb|allpass)_n$",
     "it leaves samples unwritten where its delay is 0: silence in aup, the input in hosts that let it write over that"),
    (r"chebstortion$", "it reads memory that it never wrote (valgrind), and never sounds the same twice"),
    (r"pitchScaleHQ$", "it reads memory that it never wrote (valgrind), and never sounds the same twice"),
    (r"swh-plugins/dcRemove$", "it reads memory that it never wrote (valgrind), and never sounds the same twice"),
    (r"slide_2741:slide_tc$", "it divides by its times, which are 0: NaN and numbers of 1e30, never the same twice"),
    (r"noise_generator_x\d$", "it makes noise, each time another"),
    (r"quantiser100_2029:", "it reads memory that it never wrote: the first sample of its second output is 0 or 1 by chance"),
    (r"gx_detune|mbeq_1197:mbeq$",
     "its FFT library chooses by measuring, so that the last bits differ from run to run; now and then they are equal"),
    (r"studionumbersix.com/foo/lv2/yc20$", "no other host has the URI map and the events from before atoms"),
]
