import ArgumentParser
import NetValues
import Planning
import Reporting

extension FailOn: ExpressibleByArgument {}
extension OutputFormat: ExpressibleByArgument {}

/// A span of time on the command line: `200ms`, `3s`, `5m`, `14d`.
struct Span: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

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

/// `--within`: ranges of addresses, or the word `private`.
struct WithinRanges: ExpressibleByArgument {
    let demand: AddressDemand

    init?(argument: String) {
        guard let demand = try? AddressDemand(argument.split(separator: ",").map(String.init)) else { return nil }
        self.demand = demand
    }
}

/// `--open`: ports, as 22,443 or 8000-8010.
struct PortList: ExpressibleByArgument {
    let ports: [UInt16]

    init?(argument: String) {
        var ports: [UInt16] = []
        for item in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let low = UInt16(decimal: ends[0]), let high = UInt16(decimal: ends[ends.count - 1]), low > 0,
                low <= high
            else { return nil }
            ports += low...high
        }
        self.ports = ports
    }
}
