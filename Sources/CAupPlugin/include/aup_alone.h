// Guests are made and taken down by one thread at a time: many share a library that is not made for more, as the planner
// of FFTW is not.
#ifndef AUP_ALONE_H
#define AUP_ALONE_H

/// Waits until no other thread makes or takes down a guest; counted, so that a thread may begin twice. Not for audio threads.
int aup_alone_begin(void);
void aup_alone_end(int *);

/// From here to the end of the block.
#define AUP_ALONE int aup_alone __attribute__((cleanup(aup_alone_end), unused)) = aup_alone_begin()
#endif
