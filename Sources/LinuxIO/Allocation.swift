import CLinux

/// How the C library hands out memory in this process.
package enum Allocation {
    /// One arena for all threads, grown by four megabytes at a time. Nearly all is allocated on the reactor's thread, whose own
    /// arena would be grown page by page, each by a system call.
    package static func prepare() {
        _ = mallopt(M_ARENA_MAX, 1)
        _ = mallopt(M_TOP_PAD, 4 << 20)
    }
}
