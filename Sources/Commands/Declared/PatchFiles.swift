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
                let file = try ResultFile(path: "\(folder)/\(prefix)-\(finding.id).yaml")
                try file.write("\(head(finding))\(patch)\n")
                try file.commit()
            }
            return nil
        } catch {
            return "cannot write patches to \(folder.escaped(limit: 200)): \(error)"
        }
    }

    private static func head(_ finding: Finding) -> String {
        let place = finding.location.map { location in
            let words = ManifestPlace(file: location.file, line: location.line).words
            return "# \(location.object.escaped(limit: 1000))\(words.map { " (\($0))" } ?? "")\n"
        }
        return "# \(finding.summary.escaped(limit: 2000))\n\(place ?? "")"
    }
}
