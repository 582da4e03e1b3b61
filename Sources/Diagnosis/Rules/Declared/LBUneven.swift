import Manifests
import NetValues
import Observations
import Planning

/// Requests that are split in another way than the weights say (catalogue section 8).
enum LBUneven: Rule {
    static let layer = Layer.beside
    static let explanation = FindingExplanation(
        id: "lb-uneven", severity: .warning, title: "The load is split in another way than declared",
        signals: [
            "answers name the backend that made them (a header, or a pod's name in the first line), and their counts differ from the weights of the declared route by an exact test and by five points at least"
        ],
        lookalikes: [
            "lb-dead-backend: one of them does not answer",
            "a client that does not come through the gateway or sidecar: then no weight holds for it",
        ],
        traps: [
            "ten requests prove nothing: twenty are the least",
            "session affinity, hashing and canaries by header split otherwise on purpose",
            "tools that shift the weights (Flagger, Argo Rollouts) write them into the cluster, not into the manifests",
        ],
        remedy: [
            "compare the weights with what is applied: kubectl get virtualservice,httproute -o yaml",
            "then at the proxies: istioctl proxy-config routes, and whether clients keep connections open",
        ])

    static var explainsFailure: Bool { false }

    static let fewest = 20
    private static let leastDifference = 0.05
    /// That chance alone brings such counts about.
    private static let mostChance = 0.001

    private struct Uneven {
        let check: CheckEvidence
        let request: AskedRequest
        let split: DeclaredSplit
        let identity: BackendIdentity
    }

    static func findings(in evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared else { return [] }
        let uneven = evidence.measured.compactMap { check -> Uneven? in
            guard check.samples.count >= fewest, check.hasExchanges else { return nil }
            let requests = check.askedRequests
            guard let request = requests.first, let split = DeclaredSplit(request, view),
                requests.count == check.samples.count, requests.allSatisfy({ $0.host == request.host }),
                !split.needsEnvoy || requests.allSatisfy(\.response.cameThroughEnvoy),
                let identity = BackendIdentity(requests.map(\.response), split), differs(identity, split)
            else { return nil }
            return Uneven(check: check, request: request, split: split, identity: identity)
        }
        return grouped(uneven, by: { "\($0.split.object.title) \($0.split.place.line)" }).map { _, members in
            judge(members)
        }
    }

    /// Each share by itself, for as many tests as there are shares.
    private static func differs(_ identity: BackendIdentity, _ split: DeclaredSplit) -> Bool {
        let total = identity.counts.reduce(0, +)
        guard total >= fewest, split.total > 0 else { return false }
        let limit = mostChance / Double(2 * split.shares.count)
        return zip(split.shares, identity.counts).contains { share, count in
            let expected = Double(share.weight) / Double(split.total)
            guard abs(Double(count) / Double(total) - expected) >= leastDifference else { return false }
            let more = BinomialTest.probability(count, of: total, ifEachBy: expected)
            let fewer = BinomialTest.probability(total - count, of: total, ifEachBy: 1 - expected)
            return min(more, fewer) < limit
        }
    }

    private static func judge(_ members: [Uneven]) -> Finding {
        let (split, identity, request) = (members[0].split, members[0].identity, members[0].request)
        let total = identity.counts.reduce(0, +)
        let seen = zip(split.shares, identity.counts).map { share, count in
            "\(share.title.escaped(limit: 80)) \(percent(count, of: total))"
        }
        let declared = split.shares.map { "\($0.title.escaped(limit: 80)) \(percent($0.weight, of: split.total))" }
        let place = split.place.words.map { " (\($0))" } ?? ""
        var finding = finding(
            request.words, checks: members.map(\.check.name), confidence: .likely,
            summary:
                "\(request.words) is not split as \(split.object.title) declares: seen are \(listed(seen, limit: 6)) of \(total) answers, declared \(listed(declared, limit: 6)).",
            evidence: [
                "declared: \(split.object.title)\(place) splits by \(listed(declared, limit: 6))",
                "seen: \(listed(zip(split.shares, identity.counts).map { "\($0.title.escaped(limit: 80)) \($1) times" }, limit: 6)), by \(identity.words)",
            ],
            cause:
                "Other weights are in force than those that were read, or something between client and route does not split by request: affinity, connections that are kept, a backend that fails."
        )
        finding.location = Finding.Location(
            file: split.place.file, line: split.place.line, object: split.object.title)
        return finding
    }

    private static func percent(_ count: Int, of total: Int) -> String {
        "\(Int((Double(count) * 100 / Double(total)).rounded())) %"
    }
}

/// Which backend made each of many answers, where all of them say so in one way.
struct BackendIdentity {
    /// "the header x-pod"
    let words: String
    /// By share, in the split's order.
    let counts: [Int]

    /// Never by what all answers of all servers may have alike.
    private static let common: Set<String> = [
        "date", "server", "content-length", "content-type", "connection", "keep-alive", "cache-control", "location",
        "set-cookie", "vary", "via", "transfer-encoding", "accept-ranges", "x-request-id",
    ]

    init?(_ answers: [HTTPResponse], _ split: DeclaredSplit) {
        guard let first = answers.first else { return nil }
        let names = first.headers.map { $0.name.lowercasedASCII() }.unique().filter {
            !Self.common.contains($0) && !$0.hasPrefix("x-envoy")
        }
        for name in names {
            guard let counts = Self.counts(answers.map { $0.header(name) ?? "" }, split) else { continue }
            words = "the header \(name.escaped(limit: 60))"
            self.counts = counts
            return
        }
        guard let counts = Self.podCounts(answers.map(Self.firstLine), split) else { return nil }
        words = "the pod's name in the first line of the body"
        self.counts = counts
    }

    private static func firstLine(_ answer: HTTPResponse) -> String {
        String(decoding: answer.bodyStart.prefix { $0 != 0x0a && $0 != 0x0d }.prefix(200), as: UTF8.self)
    }

    /// A word such as v1 that all answers have alike may mean something else, such as the version of an interface.
    private static func counts(_ values: [String], _ split: DeclaredSplit) -> [Int]? {
        let shares = values.map { split.share(ofPod: $0) ?? split.share(called: $0) }
        guard !shares.contains(nil) else { return nil }
        let areAlike = Set(shares).count == 1
        guard !areAlike || values.allSatisfy({ split.share(ofPod: $0) != nil }) else { return nil }
        return tally(shares.compactMap(\.self), split)
    }

    private static func podCounts(_ lines: [String], _ split: DeclaredSplit) -> [Int]? {
        let shares = lines.map { line -> Int? in
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }.map(String.init)
            let found = Set(words.filter { $0.contains("-") }.compactMap(split.share(ofPod:)))
            return found.count == 1 ? found.first : nil
        }
        return shares.contains(nil) ? nil : tally(shares.compactMap(\.self), split)
    }

    private static func tally(_ shares: [Int], _ split: DeclaredSplit) -> [Int] {
        split.shares.indices.map { index in shares.count { $0 == index } }
    }
}

extension HTTPResponse {
    /// By the headers that it adds.
    fileprivate var cameThroughEnvoy: Bool {
        let server = (header("server") ?? "").lowercasedASCII()
        return server == "envoy" || server == "istio-envoy"
            || headers.contains { $0.name.lowercasedASCII().hasPrefix("x-envoy-") }
    }
}
