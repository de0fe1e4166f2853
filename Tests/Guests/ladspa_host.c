/* The plainest host of LADSPA plugins there can be, made with the interface's own header: what aup's is compared with.
 *
 *   ladspa_host FILE LABEL RATE BLOCK FRAMES VALUE… <in >out      planar float32; a value for each control input */
#include <dlfcn.h>
#include <ladspa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **word) {
  if (count < 6) return 64;
  void *file = dlopen(word[1], RTLD_NOW);
  LADSPA_Descriptor_Function list = file ? (LADSPA_Descriptor_Function)dlsym(file, "ladspa_descriptor") : NULL;
  if (!list) return 1;
  const LADSPA_Descriptor *d;
  for (unsigned long i = 0; (d = list(i)) && strcmp(d->Label, word[2]); i++) {}
  if (!d) return 2;
  unsigned long rate = strtoul(word[3], NULL, 10), block = strtoul(word[4], NULL, 10), frames = strtoul(word[5], NULL, 10);
  LADSPA_Handle plugin = d->instantiate(d, rate);
  if (!plugin) return 3;
  float *control = calloc(d->PortCount, sizeof(float));
  float **sound = calloc(d->PortCount, sizeof(float *));
  int next = 6;
  for (unsigned long p = 0; p < d->PortCount; p++) {
    if (LADSPA_IS_PORT_CONTROL(d->PortDescriptors[p])) {
      if (LADSPA_IS_PORT_INPUT(d->PortDescriptors[p])) {
        if (next >= count) return 64;
        control[p] = (float)strtod(word[next++], NULL);
      }
      d->connect_port(plugin, p, &control[p]);
    } else {
      sound[p] = calloc(frames, sizeof(float));
      if (LADSPA_IS_PORT_INPUT(d->PortDescriptors[p]) && fread(sound[p], sizeof(float), frames, stdin) != frames) return 5;
    }
  }
  if (d->activate) d->activate(plugin);
  for (unsigned long at = 0; at < frames; at += block) {
    for (unsigned long p = 0; p < d->PortCount; p++)
      if (sound[p]) d->connect_port(plugin, p, sound[p] + at);
    d->run(plugin, frames - at < block ? frames - at : block);
  }
  for (unsigned long p = 0; p < d->PortCount; p++)
    if (sound[p] && LADSPA_IS_PORT_OUTPUT(d->PortDescriptors[p])) fwrite(sound[p], sizeof(float), frames, stdout);
  return 0;
}
