import CAres
import Observations

/// `ares_library_init` is not thread-safe: once, by the thread-safe initialisation of a global.
let aresLibraryStatus = ares_library_init(ARES_LIB_INIT_ALL)

/// Options under which c-ares only carries packets: every rcode, truncation and stray comes through to us, and no file of
/// the system is read (with lookups, domains, sort list and servers given there is nothing left to look up).
func withAresOptions(
    _ key: AresChannel.Key, stateData: UnsafeMutableRawPointer, _ body: (inout ares_options, Int32) -> Int32
) -> Int32 {
    var options = ares_options()
    options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES
    if key.transport == .tcp { options.flags |= ARES_FLAG_USEVC }
    options.timeout = key.timer
    options.tries = 1
    options.ndots = 1
    options.sock_state_cb = aresSocketState
    options.sock_state_cb_data = stateData
    let mask =
        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_SOCK_STATE_CB
        | ARES_OPT_LOOKUPS
        | ARES_OPT_DOMAINS | ARES_OPT_SERVERS | ARES_OPT_SORTLIST
    // SAFETY: c-ares copies the text within ares_init_options.
    var lookups: [CChar] = [CChar(bitPattern: UInt8(ascii: "b")), 0]
    return lookups.withUnsafeMutableBufferPointer { buffer in
        options.lookups = buffer.baseAddress
        return body(&options, mask)
    }
}
