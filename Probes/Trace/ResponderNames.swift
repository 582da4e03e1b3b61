import NetValues
import Observations
import ProbeKit
import Wire

/// The names of who answered, all asked for at once when the trace is over, so that a slow name server slows nothing but the end.
struct ResponderNames: Sendable {
    let context: ProbeContext

    private static let patience = Duration.seconds(3)
    private static let mostNames = 128

    func add(to ledger: PathLedger) async {
        guard let summary = ledger.summary, let server = context.capabilities.resolver.servers.first else { return }
        let addresses = summary.hops.flatMap(\.responders).map(\.address).unique().prefix(Self.mostNames)
        let deadline = context.time.now() + Self.patience
        let inquiry = ServerInquiry(
            exchange: context.capabilities.dns, time: context.time, server: server, source: nil)
        let answers = try? await concurrently(Array(addresses)) { (address) throws(ProbeInterruption) in
            guard let name = address.reverseName else { return (address, String?.none) }
            let facts = try await inquiry.ask(name, .ptr, deadline: deadline)
            return (address, facts.conclusion.flatMap(Self.name))
        }
        var names: [IPAddress: String] = [:]
        for (address, name) in answers ?? [] { names[address] = name }
        ledger.add(names: names)
    }

    /// Without the dot at its end; nil for anything that is no name of a host.
    private static func name(_ fact: DNSFact) -> String? {
        for record in fact.message?.answers ?? [] {
            guard case .name(let text) = record.data, let name = DomainName(text) else { continue }
            return name.relative.description
        }
        return nil
    }
}
