// The header is all that there is: the compiler links libFuzzer.
#include "CFuzzer.h"
