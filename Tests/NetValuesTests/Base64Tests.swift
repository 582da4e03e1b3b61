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
}
