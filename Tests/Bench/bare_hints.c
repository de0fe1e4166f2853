/* What alsa-lib alone costs to say what there is: cards, and the names of PCMs.
 *
 *   bare_hints */
#include <alsa/asoundlib.h>

int main(void) {
    int card = -1, count = 0;
    while (snd_card_next(&card) == 0 && card >= 0) count++;
    void **hints;
    if (snd_device_name_hint(-1, "pcm", &hints) != 0) return 1;
    for (void **hint = hints; *hint; hint++) {
        char *name = snd_device_name_get_hint(*hint, "NAME");
        count += name != NULL;
        free(name);
    }
    snd_device_name_free_hint(hints);
    return printf("%d\n", count) < 0;
}
