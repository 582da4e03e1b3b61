#define _GNU_SOURCE
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// xterm's control sequences (ctlseqs): alternate screen, cursor, wrapping at the last column.
static const char welcome[] = "\033[?1049h\033[?25l\033[?7l\033[H\033[2J";
static const char farewell[] = "\033[?7h\033[?25h\033[?1049l";

static const int noticed[] = {SIGWINCH, SIGTSTP, SIGCONT};
static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT, SIGHUP, SIGSYS, SIGXCPU};
enum { NOTICED = sizeof noticed / sizeof *noticed, DEADLY = sizeof deadly / sizeof *deadly };

// Read in signal handlers: set before these are installed.
static struct termios before;
static int terminal = -1;
static int notices[2] = {-1, -1};
static volatile sig_atomic_t is_taken;
static struct sigaction noticed_before[NOTICED];
static struct sigaction deadly_before[DEADLY];

static void say(const char *text, size_t length) {
    // A terminal that takes nothing must not keep the process from ending.
    struct pollfd ready = {.fd = terminal, .events = POLLOUT};
    if (poll(&ready, 1, 0) == 1 && write(terminal, text, length) < 0) return;
}

static void set(const struct termios *mode) {
    // From the background this stops the process (SIGTTOU), and goes on when it is in the foreground again.
    while (tcsetattr(terminal, TCSANOW, mode) < 0 && errno == EINTR) {}
}

static void take(void) {
    struct termios mode = before;
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    // Ctrl-S would leave us writing to a terminal that takes nothing.
    mode.c_iflag &= ~(tcflag_t)IXON;
    mode.c_cc[VMIN] = 0;
    mode.c_cc[VTIME] = 0;
    set(&mode);
    is_taken = 1;
    say(welcome, sizeof welcome - 1);
}

static void give_back(void) {
    if (!is_taken) return;
    is_taken = 0;
    say(farewell, sizeof farewell - 1);
    // Without the wait for SIGTTOU: who is in the background has been taken the terminal already.
    if (tcgetpgrp(terminal) == getpgrp()) set(&before);
}

static void notice(int number) {
    int saved = errno;
    uint8_t byte = number == SIGWINCH  ? LEADSMAN_TERMINAL_RESIZED
                   : number == SIGTSTP ? LEADSMAN_TERMINAL_STOP
                                       : LEADSMAN_TERMINAL_CONTINUED;
    if (write(notices[1], &byte, 1) < 0) errno = saved;
    errno = saved;
}

static void die(int number) {
    give_back();
    for (int i = 0; i < DEADLY; i++) {
        if (deadly[i] == number) sigaction(number, &deadly_before[i], NULL);
    }
    raise(number);
}

static void handle(const int *numbers, struct sigaction *saved, int count, void (*handler)(int)) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < count; i++) {
        sigaction(numbers[i], NULL, &saved[i]);
        // What the caller has us ignore (nohup, a shell without job control) stays ignored.
        if (saved[i].sa_handler != SIG_IGN) sigaction(numbers[i], &action, NULL);
    }
}

int leadsman_terminal_take(int fd) {
    if (tcgetattr(fd, &before) < 0) return -errno;
    // Kept for good: a handler may still be at work when the terminal is given back.
    if (notices[0] < 0 && pipe2(notices, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
    terminal = fd;
    handle(deadly, deadly_before, DEADLY, die);
    handle(noticed, noticed_before, NOTICED, notice);
    take();
    return notices[0];
}

void leadsman_terminal_wake(void) {
    uint8_t byte = LEADSMAN_TERMINAL_WOKEN;
    if (write(notices[1], &byte, 1) < 0) return;
}

void leadsman_terminal_give_back(void) {
    if (terminal < 0) return;
    give_back();
    for (int i = 0; i < NOTICED; i++) sigaction(noticed[i], &noticed_before[i], NULL);
    for (int i = 0; i < DEADLY; i++) sigaction(deadly[i], &deadly_before[i], NULL);
}

void leadsman_terminal_stop(void) {
    struct sigaction own;
    struct sigaction plain;
    sigset_t stop;
    sigset_t mask;
    memset(&plain, 0, sizeof plain);
    plain.sa_handler = SIG_DFL;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    give_back();
    sigaction(SIGTSTP, &plain, &own);
    // To this very thread, which so stands still here until the process goes on; threads of libdispatch block the signal.
    pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
    raise(SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &own, NULL);
    take();
}

void leadsman_terminal_retake(void) {
    if (is_taken) take();
}
