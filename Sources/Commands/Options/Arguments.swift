import ArgumentParser
import NetValues
import Planning
import Reporting

extension FailOn: ExpressibleByArgument {}
extension OutputFormat: ExpressibleByArgument {}

/// A span of time on the command line: `200ms`, `3s`, `5m`, `14d`.
struct Span: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let duration = Duration(span: argument), duration > .zero else { return nil }
        self.duration = duration
    }
}

/// `--source`: an address of this host.
struct SourceAddress: ExpressibleByArgument {
    let address: IPAddress

    init?(argument: String) {
        guard let address = IPAddress(argument) else { return nil }
        self.address = address
    }
}

extension Expectation.Word: ExpressibleByArgument {}
