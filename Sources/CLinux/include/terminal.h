// A full-screen view on a terminal, given back however the process ends: what must happen inside of signal handlers.
#ifndef LEADSMAN_TERMINAL_H
#define LEADSMAN_TERMINAL_H

#include <stdint.h>

/// What signals bring, as bytes of the pipe that `leadsman_terminal_take` answers: SIGWINCH, SIGTSTP, SIGCONT, and
/// `leadsman_terminal_wake`.
enum {
    LEADSMAN_TERMINAL_WOKEN = 0,
    LEADSMAN_TERMINAL_RESIZED = 1,
    LEADSMAN_TERMINAL_STOP = 2,
    LEADSMAN_TERMINAL_CONTINUED = 3,
};

/// Takes the terminal: no echo, keys one by one, Ctrl-C and Ctrl-Z still as signals (termios(3)); the alternate screen without a
/// cursor. From now on signals of the terminal are told in a pipe, and those of a crash give the terminal back first. One terminal at
/// a time. The pipe's end to read from, without blocking, or -errno.
int leadsman_terminal_take(int fd);

/// Writes its byte to the pipe, from any thread.
void leadsman_terminal_wake(void);

/// Gives it back as it was; nothing where none is taken. Safe in a signal handler and from any thread.
void leadsman_terminal_give_back(void);

/// Gives it back, stops this process as Ctrl-Z would have, and takes it again when it goes on.
void leadsman_terminal_stop(void);

/// Takes it again after somebody else had it: a shell, while the process was stopped.
void leadsman_terminal_retake(void);

#endif
