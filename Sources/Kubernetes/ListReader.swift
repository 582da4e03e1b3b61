import JSON
import Manifests
import NetValues
import ProbeKit

/// One list, page by page.
struct ListReader {
    enum Outcome {
        case objects([ManifestObject])
        case refused(APIRefusal)
    }

    private static let pageSize = "500"
    private static let mostPages = 20_000
    private static let mostRestarts = 3

    let client: APIClient
    let path: String
    var query: [(String, String)] = []
    var accept = "application/json"
    let trimming: ObjectTrimming

    func run() async throws(ClusterProblem) -> Outcome {
        var objects: [ManifestObject] = []
        var next: String?
        var restarts = 0
        for _ in 0..<Self.mostPages {
            guard client.time.now() < client.budget.deadline else {
                return refusal(200, "the cluster takes longer than there is time")
            }
            let page = [("limit", Self.pageSize)] + query + (next.map { [("continue", $0)] } ?? [])
            switch try await client.get(path, page, accept: accept) {
            case .refused(let refusal) where refusal.status == 410 && next != nil && restarts < Self.mostRestarts:
                // The snapshot that the token stands for is gone: from the beginning again.
                restarts += 1
                (objects, next) = ([], nil)
            case .refused(let refusal): return .refused(refusal)
            case .json(let json):
                guard let items = items(json) else { return refusal(200, "the answer is no list of \(trimming.kind)") }
                objects += items.compactMap(trimming.object)
                guard client.budget.take(objects: items.count) else {
                    return refusal(200, "there are too many objects")
                }
                let token = json["metadata"]?["continue"]?.string ?? ""
                guard !token.isEmpty else { return .objects(objects) }
                guard token != next else { return refusal(200, "the server gives the same page again and again") }
                next = token
            }
        }
        return refusal(200, "the list has no end")
    }

    private func refusal(_ status: Int, _ message: String) -> Outcome {
        .refused(APIRefusal(status: status, message: message))
    }

    private func items(_ json: JSONValue) -> [JSONValue]? {
        guard let kind = json["kind"]?.string, [trimming.kind + "List", "PartialObjectMetadataList"].contains(kind)
        else {
            return nil
        }
        // Go writes an empty list as null.
        guard let items = json["items"], items != .null else { return [] }
        return items.array
    }
}
