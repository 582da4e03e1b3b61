import NetValues
import Observations
import Planning
import ProbeKit
import Synchronization

extension Capabilities {
    /// A scripted network: what a test does not give fails the test when it is used; names that the hosts
    /// table lacks do not exist.
    package static func scripted(
        dns: any DNSExchanging = NamelessDNS(), streams: any StreamConnecting = UnusedStreams(),
        tls: any TLSSecuring = UnusedTLS(), datagrams: any DatagramProbing = UnusedDatagrams(),
        echo: any EchoOpening = UnusedEcho(), resolver: ResolverConfiguration = NamelessDNS.configuration,
        hosts: [String: [String]] = [:], soundings: any Sounding = NoSounding(),
        paths: any PathProbing = NoPathProbing()
    ) -> Capabilities {
        let table = hosts.mapValues { $0.compactMap { IPAddress($0) } }
        return Capabilities(
            dns: dns, streams: streams, tls: tls, datagrams: datagrams, echo: echo, resolver: resolver,
            hosts: HostsTable(addresses: table), soundings: soundings, paths: paths)
    }
}

/// Takes a check's samples on a scripted network.
/// - Throws: what the probe throws; the samples recorded until then are lost, `recordProbe` keeps them.
package func runProbe(
    _ probe: some Probe, check: Check, capabilities: Capabilities, time: any TimeSource
) async throws(ProbeInterruption) -> [Sample] {
    let run = await recordProbe(probe, check: check, capabilities: capabilities, time: time)
    if let interruption = run.interruption { throw interruption }
    return run.samples
}

/// The samples that a probe recorded, and why it stopped early if it did.
package func recordProbe(
    _ probe: some Probe, check: Check, capabilities: Capabilities, time: any TimeSource
) async -> (samples: [Sample], interruption: ProbeInterruption?) {
    let samples = SampleRecord()
    let context = ProbeContext(
        check: check, capabilities: capabilities, time: time, runStart: time.now(), record: { samples.add($0) })
    do throws(ProbeInterruption) {
        try await probe.run(in: context)
        return (samples.all, nil)
    } catch {
        return (samples.all, error)
    }
}

private final class SampleRecord: Sendable {
    private let samples = Mutex<[Sample]>([])

    var all: [Sample] { samples.withLock { $0 } }

    func add(_ sample: Sample) { samples.withLock { $0.append(sample) } }
}
