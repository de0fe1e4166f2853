// Extended attributes, which Swift does not see.
#ifndef AUP_ATTRIBUTES_H
#define AUP_ATTRIBUTES_H

/// Gives a file the extended attributes of another one, access lists among them, as far as the system lets it.
void aup_copy_attributes(int from, int to);

#endif
