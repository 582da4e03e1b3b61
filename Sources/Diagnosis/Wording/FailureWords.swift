import NetValues
import Observations
import Wire

extension Fact {
    /// What went wrong in this fact, as lines of evidence; empty when nothing did.
    var failureWords: [String] {
        if isContrast { return [] }
        return switch self {
        case .resolution(let fact): fact.outcome.isFailure ? [fact.words] : []
        case .dns(let fact): fact.failureWords
        case .service(let fact): fact.failureWords
        case .connect, .datagram, .echo:
            flow.map { $0.outcome == .answered ? [] : [$0.words] } ?? []
        case .banner(let fact):
            fact.end == .satisfied
                ? []
                : [
                    "\(fact.endpoint): read \(fact.bytes.isEmpty ? "nothing" : "“\(fact.bytes.escaped())”"), then \(fact.end.words)\(told(fact.progress))"
                ]
        case .tls(let fact): fact.failureWords
        case .http(let fact): fact.failureWords
        case .flows(let fact): fact.failureWords
        case .idle(let fact):
            fact.end == .satisfied
                ? []
                : [
                    fact.isWhileIdle
                        ? "\(fact.endpoint): \(fact.end.words) after \(fact.idle.spoken) without a word from us"
                        : "\(fact.endpoint): used after \(fact.idle.spoken), then \(fact.end.words)"
                ]
        case .trace(let fact): fact.failureWords
        case .throughput(let fact): fact.failureWords
        case .capture, .sounding, .neighbour, .pairs, .rate, .pathMTU: []
        }
    }
}

extension FlowsFact {
    fileprivate var failureWords: [String] {
        let connected = attempts.count { $0.outcome == .connected }
        guard connected < attempts.count else { return [] }
        let works = beside.count { $0.outcome == .connected }
        let again = after.count { $0.outcome == .connected }
        return [
            "\(attempts.count) connections to \(endpoint) at once: \(connected) came about",
            beside.isEmpty ? nil : "other destinations meanwhile: \(works) of \(beside.count) came about",
            after.isEmpty ? nil : "when all were closed: \(again) of \(after.count) came about",
        ].compactMap(\.self)
    }
}

extension TraceFact {
    /// Where the packets end, unless the target answers.
    fileprivate var failureWords: [String] {
        guard arrival == nil else { return [] }
        let target = destination.port == 0 ? destination.address.description : destination.description
        let head = "trace by \(carrier.rawValue) to \(target)"
        let hops = flows.flatMap(\.hops)
        for hop in hops {
            guard case .failed(let failure) = hop.outcome else { continue }
            return ["\(head): \(failure.icmp?.words ?? "this host refuses it (\(failure.name))"), hop \(hop.limit)"]
        }
        guard let last = hops.filter({ $0.outcome != .silent }).max(by: { $0.limit < $1.limit }) else {
            return ["\(head): no answer of any kind, up to hop \(hops.last?.limit ?? 0)"]
        }
        let router = last.responder(towards: destination.address).map { " (\($0))" } ?? ""
        return ["\(head): the last answer comes from hop \(last.limit)\(router), nothing from behind it"]
    }
}

/// "; all 120 bytes of ours were acknowledged"
private func told(_ progress: StreamProgress?) -> String {
    progress.map { $0.acknowledgedBytes + $0.unacknowledgedSegments > 0 ? "; \($0.words)" : "" } ?? ""
}

extension ResolutionFact.Outcome {
    var isFailure: Bool { if case .addresses = self { false } else { true } }
}

extension ResolutionFact {
    var words: String {
        let names = listed(tried.map { "\($0.name): \($0.result)" }, limit: 4)
        return switch outcome {
        case .addresses(let addresses): "\(host) is \(listed(addresses.map(\.description)))"
        case .nameNotFound: "\(host) does not exist (\(names))"
        case .noAddress: "\(host) exists, but has no address of the wanted family (\(names))"
        case .failed: "\(host) could not be resolved in \(elapsed.spoken)\(names.isEmpty ? "" : " (\(names))")"
        }
    }
}

extension ServiceFact {
    fileprivate var failureWords: [String] {
        switch outcome {
        case .answered: []
        case .malformed(let reason, let bytes):
            ["\(service) at \(endpoint): \(reason), “\(bytes.escaped(limit: 32))”"]
        case .silent, .failed: [flow.words]
        }
    }
}

extension DNSFact {
    fileprivate var failureWords: [String] {
        switch outcome {
        case .answered(let message):
            hasData
                ? []
                : [
                    "\(server) answers \(message.rcode) for \(name) \(type), "
                        + (isCut ? "cut short over UDP" : counted(message.answers.count, "record"))
                        + (message.answers.isEmpty || isCut ? "" : " of other names or types")
                ]
        case .connected: []
        case .malformed(let reason, let bytes):
            ["\(server) sent no valid answer for \(name) \(type): \(reason), “\(bytes.escaped(limit: 32))”"]
        case .timedOut, .failed: [flow.words]
        }
    }
}

extension TLSFact {
    fileprivate var failureWords: [String] {
        var lines: [String] = []
        switch outcome {
        case .established: break
        case .timedOut:
            lines.append("TLS with \(endpoint): no end of the handshake in \(elapsed.spoken)\(told(progress))")
        case .failed(let failure): lines.append("TLS with \(endpoint): \(failure.words)")
        }
        lines += alerts.filter(\.isFatal).map {
            "\($0.isReceived ? "the server sent" : "we sent") the alert \($0.name) (\($0.code))"
        }
        if let request = clientCertificate, !sentClientCertificate {
            let from =
                request.authorities.isEmpty ? "" : " from \(listed(request.authorities.map { $0.escaped(limit: 80) }))"
            lines.append("the server asked for a client certificate\(from), and none was given")
        }
        lines += verification.map { "certificate at depth \($0.depth): \($0.reason)" }
        return lines
    }
}

extension TLSFailure {
    var words: String {
        switch self {
        case .alert(let name): "ended by the alert \(name)"
        case .closed: "the peer closed the connection before the handshake was done"
        case .transport(let failure): failure.name == "ECONNRESET" ? "the connection was reset" : failure.name
        case .notTLS(let bytes): "the peer does not speak TLS; it sent “\(bytes.escaped(limit: 40))”"
        case .other(let reason): reason.escaped(limit: 120)
        }
    }
}

extension HTTPFact {
    fileprivate var failureWords: [String] {
        switch outcome {
        case .responded(let response):
            (200..<400).contains(response.status) ? [] : ["\(method) \(url): status \(response.status)"]
        case .incomplete(let end, let partial):
            [
                "\(method) \(url): "
                    + (partial.bytes == 0
                        ? "no byte of an answer"
                        : "\(partial.bytes) bytes\(partial.status.map { " (status \($0))" } ?? "")")
                    + ", then \(end.words) after \(elapsed.spoken)\(told(progress))"
            ]
        case .malformed(let reason, let bytes):
            ["\(method) \(url): the answer is no HTTP (\(reason)): “\(bytes.escaped(limit: 60))”"]
        }
    }
}

extension StreamEnd {
    var words: String {
        switch self {
        case .satisfied: "what was wanted came"
        case .closed: "the peer closed the connection"
        case .deadline: "nothing more until the time-out"
        case .failed(let failure): failure.name == "ECONNRESET" ? "the connection was reset" : failure.name
        case .tlsFailed(let reason): "TLS failed: \(reason.escaped(limit: 60))"
        }
    }
}
