// Keys from a terminal, one by one, and the terminal as it was before.
#ifndef AUP_TERMINAL_H
#define AUP_TERMINAL_H

/// The terminal whose keys may be read: descriptor 0 where that is one and `mayUseInput`, else /dev/tty, opened; -1 where
/// there is none. The caller closes what is not 0.
int aup_terminal_open(int mayUseInput);

/// Makes keys come at once and unseen, signals of the keyboard as before; 1, or 0 where this process is not in the
/// foreground of that terminal, which is then left alone. What was before comes back with aup_terminal_restore(), and by
/// itself when the process ends with exit(3).
int aup_terminal_take_keys(int fd);

/// Gives the terminal back; harmless when it was not taken, and where this process is in the background by now.
void aup_terminal_restore(void);

/// Bytes read, 0 where none are there, -1 when the terminal is gone.
int aup_terminal_read(int fd, void *bytes, int count);

/// Stops this process as the keyboard would have; returns when it is continued.
void aup_stop_self(void);
#endif
