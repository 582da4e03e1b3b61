import NetValues
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob"), ("Zm9v\nYmFy\n", "foobar"),
    ])
    func text_isDecoded(_ text: String, _ expected: String) {
        #expect([UInt8](base64: Array(text.utf8)) == Array(expected.utf8))
    }

    @Test(arguments: ["Z", "Zg=", "Zg==Zg==", "Zm9v=", "Zm-v", "<base64-encoded-cert>", "===="])
    func whatIsNone_isRefused(_ text: String) {
        #expect([UInt8](base64: Array(text.utf8)) == nil)
    }

    /// Bytes of any kind are decoded or refused; what is decoded is never longer than what was given.
    @Test func anyBytes_areSurvived() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let alphabet = Array("AZaz09+/=\n<\u{0}é".utf8)
            let text = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let bytes = [UInt8](base64: text)
            #expect((bytes?.count ?? 0) <= text.count)
        }
    }
}
