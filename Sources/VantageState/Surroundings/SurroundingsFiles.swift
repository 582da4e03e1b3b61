import Glibc
import LinuxIO
import NetValues
import Observations

/// Reads where this vantage stands: the files that Kubernetes, the firmware and the administrator left.
package struct SurroundingsFiles: Sendable {
    /// Before each path; empty but in tests.
    private let root: String

    package init(root: String = "") {
        self.root = root
    }

    /// - Parameter environment: the variables that `SurroundingsFiles.variables` names.
    package func read(environment: [String: String], resolver: ResolverConfiguration) -> VantageSurroundings {
        var surroundings = VantageSurroundings()
        surroundings.cluster = ClusterReading(files: self, environment: environment, resolver: resolver).signs
        surroundings.cloud = CloudReading.signs(firmware)
        surroundings.proxies = ProxyReading.settings(environment, cluster: surroundings.cluster)
        return surroundings
    }

    /// All that is looked at in the environment.
    package static let variables = ClusterReading.variables + ProxyReading.variables

    /// The service account's token; nil where it cannot be read or is none.
    package func token(at path: String) -> String? { try? AccountToken.read(path, in: self).get() }

    func text(_ path: String) -> String? { SmallFile.read(root + path, limit: 1 << 16) }

    func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

    private var firmware: [String: String] {
        var values: [String: String] = [:]
        for name in CloudReading.files { values[name] = text("/sys/class/dmi/id/\(name)")?.trimmedBlanks }
        return values
    }
}

extension String {
    /// Without blanks and line ends at both ends.
    var trimmedBlanks: String {
        let isBlank: (Unicode.Scalar) -> Bool = { " \t\r\n".unicodeScalars.contains($0) }
        let start = unicodeScalars.drop(while: isBlank)
        return String(String.UnicodeScalarView(start.reversed().drop(while: isBlank).reversed()))
    }
}
