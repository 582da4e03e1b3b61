import Diagnosis
import Manifests
import NetValues
import Observations

/// The YAML that mends findings, a file each.
enum PatchFiles {
    /// - Returns: why they could not be written, nil when they were. Files are `01-policy-denies-expected-flow.yaml` in the findings' order.
    static func write(_ findings: [Finding], to folder: String) -> String? {
        let patches = findings.enumerated().compactMap { index, finding in
            finding.patch.map { (index + 1, finding, $0) }
        }
        do {
            try Folder.make(folder)
            for (number, finding, patch) in patches {
                let prefix = number < 10 ? "0\(number)" : "\(number)"
                let name = "\(prefix)-\(finding.id).yaml"
                let file = try ResultFile(path: "\(folder)/\(name)")
                try file.write("\(head(finding))# \(use(finding, patch, name))\n\(patch)\n")
                try file.commit()
            }
            return nil
        } catch {
            return "cannot write patches to \(folder.escaped(limit: 200)): \(error)"
        }
    }

    /// How it comes into effect.
    private static func use(_ finding: Finding, _ patch: String, _ name: String) -> String {
        let lines = patch.split(separator: "\n")
        guard lines.contains(where: { $0.hasPrefix("kind:") }) else {
            return "Lines to write there: no object that kubectl takes by itself."
        }
        guard finding.isPatchPart else { return "kubectl apply -f \(name)" }
        let version = lines.first { $0.hasPrefix("apiVersion: ") }?.dropFirst("apiVersion: ".count) ?? ""
        let group = version.prefix { $0 != "/" }
        let isBuiltin = !group.contains(".") || group.hasSuffix(".k8s.io") && !group.hasPrefix("gateway.")
        return "kubectl patch -f \(name) --patch-file \(name)\(isBuiltin ? "" : " --type merge")"
    }

    private static func head(_ finding: Finding) -> String {
        let place = finding.location.map { location in
            let words = ManifestPlace(file: location.file, line: location.line).words
            return "# \(location.object.escaped(limit: 1000))\(words.map { " (\($0))" } ?? "")\n"
        }
        return "# \(finding.summary.escaped(limit: 2000))\n\(place ?? "")"
    }
}
