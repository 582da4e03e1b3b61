import Diagnosis
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
            "# \(location.object.escaped(limit: 1000))"
                + (location.file.map { " (\($0.escaped(limit: 4096)):\(location.line))" } ?? "") + "\n"
        }
        return "# \(finding.summary.escaped(limit: 2000))\n\(place ?? "")"
    }
}
