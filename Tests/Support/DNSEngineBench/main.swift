import Glibc
import LinuxIO
import NameResolution
import NetValues
import Observations
import ProbeKit
import Wire

// What the DNS engine does by itself, for `Scripts/bench dns`: questions through c-ares on the reactor, each answer decoded
// whole, without plan, samples, judgement and report.
//
//     dns-engine-bench ADDRESS:PORT SUFFIX NAMES ROUNDS
//
// Asks for nK.SUFFIX, K below NAMES, so many times each, all NAMES on their way at once. Prints nothing; status 1 unless each
// question had an answer with a record.

/// Asks for one name again and again; answers how often a record came.
func ask(
    _ query: DNSMessage, of server: Endpoint, rounds: Int, through exchange: AresExchange,
    on home: isolated (any Actor)?
) async -> Int {
    var answered = 0
    for _ in 0..<rounds {
        let reply = try? await exchange.exchange(
            query, with: server, over: .udp, source: nil, deadline: .now + .seconds(3))
        if case .answered(let message) = reply?.outcome, !message.answers.isEmpty { answered += 1 }
    }
    return answered
}

let words = CommandLine.arguments.dropFirst()
guard words.count == 4, let server = Endpoint(words[1], defaultPort: 53), let names = Int(words[3]),
    let rounds = Int(words[4]),
    case let queries = (0..<names).compactMap({ DomainName("n\($0).\(words[2])") }).map({ DNSQueryForm().query($0, .a) }
    ),
    queries.count == names
else {
    let usage = "usage: dns-engine-bench ADDRESS:PORT SUFFIX NAMES ROUNDS\n"
    _ = write(STDERR_FILENO, usage, usage.utf8.count)
    exit(2)
}

Allocation.prepare()
let reactor = try Reactor()
let exchange = AresExchange(reactor: reactor)
let run = Task(executorPreference: reactor.executor) {
    await withTaskGroup(of: Int.self) { group in
        for query in queries {
            group.addTask { await ask(query, of: server, rounds: rounds, through: exchange, on: reactor) }
        }
        return await group.reduce(0, +)
    }
}
exit(await run.value == names * rounds ? 0 : 1)
