import NetValues
import Observations

extension Evidence {
    /// A name server that nobody can be blamed for but this host's own link: its gateway, or itself on the same link, does not answer
    /// ARP; or this host drops its answers. Where another server stood in for it, what it did is told all the same.
    func explainsHere(_ server: ServerState) -> Bool {
        guard server.isDeadForSomebody, !vantage.latest.routes.isEmpty else { return false }
        let flows = server.queries.map(\.flow)
        if NextHops(self)?.silent(of: flows) != nil { return true }
        let checks = Set(ReversePathSilence.all(in: self).map(\.check.name))
        return !checks.isEmpty
            && server.checks.allSatisfy { checks.contains($0.check.name) || !$0.check.isFailing || $0.hadAnotherAnswer }
    }
}
