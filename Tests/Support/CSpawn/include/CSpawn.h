// glibc shows posix_spawn_file_actions_addclosefrom_np(3) only under _GNU_SOURCE, which Swift's view of the headers lacks.
#ifndef LEADSMAN_CSPAWN_H
#define LEADSMAN_CSPAWN_H

#include <spawn.h>

/// Closes every descriptor from `first` on in the program that is started. 0 or an errno.
int leadsman_spawn_close_from(posix_spawn_file_actions_t *_Nonnull actions, int first);

#endif
