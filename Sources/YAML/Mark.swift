/// A place in a file; line and column count from 1, a column is one code point wide.
package struct Mark: Hashable, Sendable {
    package static let start = Mark(line: 1, column: 1)

    package let line: Int32
    package let column: Int32

    package init(line: Int, column: Int) {
        self.line = Int32(clamping: line)
        self.column = Int32(clamping: column)
    }
}
