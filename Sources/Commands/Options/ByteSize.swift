import ArgumentParser
import NetValues

/// A number of bytes on the command line: `64K`, `10MB`, `1GiB`. K, M, G and KiB, MiB, GiB are powers of 1024; KB, MB, GB of 1000.
struct ByteSize: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        guard let bytes = Int(byteSize: argument) else { return nil }
        self.bytes = bytes
    }
}
