import DNSProbe
import NetValues
import Observations
import ProbeKit
import Wire

extension FuzzTarget {
    /// Whatever comes to the socket of a rate of questions: each question is answered once at most.
    static let rateAnswers = FuzzTarget(
        "rate-answers",
        seeds: {
            let question = DomainName("shop.test").map { DNSQuestion(name: $0, type: .a) }
            return [
                DNSMessage(id: 0, isResponse: true, questions: question.map { [$0] } ?? []).encoded(),
                .hex("0000 8003"),
                .hex("0001 8005 0000 0000 0000 0000"), [],
            ]
        }
    ) { bytes in
        guard let name = DomainName("shop.test") else { return }
        let ledger = RateLedger(DNSQuestion(name: name, type: .a), DNSQueryForm(), flows: 1, room: 256)
        let start = Instant(nanoseconds: 1_000_000)
        ledger.begin(at: start)
        let asked = ledger.questions(4, of: 0, at: start, areLate: false)
        // With each of the ids that are out, and with its own.
        for question in asked + [bytes] {
            let answer = Array(question.prefix(2)) + bytes.dropFirst(2)
            for _ in 0..<2 {
                ledger.take(.received(answer, at: start + .milliseconds(1)), of: 0, at: start + .milliseconds(2))
            }
        }
        ledger.end(by: start + .seconds(1))
        let (sent, answered) = ledger.counts
        try hold(sent == 4 && answered <= 4, "\(answered) answers to \(sent) questions")
    }
}
