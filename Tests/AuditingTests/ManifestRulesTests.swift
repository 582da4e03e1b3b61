import Testing

@Suite struct ManifestRulesTests {
    private static let two = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: a}
        %
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: b}
        """

    @Test func aMissingSeparator_isToldAtTheSecondObject() {
        #expect(audit(Self.two.replacing("%", with: "# b")).places == ["manifest-document-separator:5"])
        #expect(audit(Self.two.replacing("%", with: "---")).isEmpty)
    }
}
