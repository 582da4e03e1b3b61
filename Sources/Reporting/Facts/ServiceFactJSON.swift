import JSON
import NetValues
import Observations

extension FactJSON {
    static func service(_ fact: ServiceFact) -> JSONObject {
        var object = JSONObject([
            ("type", "service"), ("endpoint", .string(fact.endpoint.description)),
            ("source", optional(fact.source?.description)), ("service", .string(fact.service)),
            ("attempts", .int(fact.attempts)), ("elapsedMs", .milliseconds(fact.elapsed)),
        ])
        switch fact.outcome {
        case .answered(let words):
            object["outcome"] = "answered"
            object["answer"] = .string(words)
        case .malformed(let reason, let bytes):
            object["outcome"] = "malformed"
            object["reason"] = .string(reason)
            object["bytes"] = .string(byteText(bytes))
        case .silent: object["outcome"] = "silent"
        case .failed(let failure):
            object["outcome"] = "failed"
            object["failure"] = self.failure(failure)
        }
        return object
    }
}
