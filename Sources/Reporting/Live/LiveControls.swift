/// What a person has asked a continuous view to show.
package struct LiveControls: Hashable, Sendable {
    package enum Mode: Hashable, Sendable { case both, statistics, strip }

    package enum Key: Hashable, Sendable {
        case character(Character)
        case up, down, pageUp, pageDown, home, end, escape
    }

    /// What the view cannot do by itself.
    package enum Wish: Hashable, Sendable { case quit, reset }

    package private(set) var mode = Mode.both
    /// Lines of the table above the first that is shown.
    package private(set) var offset = 0
    package private(set) var isPaused = false
    package private(set) var showsHelp = false
    package private(set) var showsNames: Bool
    /// Of many targets, those in trouble first.
    package private(set) var sortsByTrouble = false

    package init(showsNames: Bool = false) { self.showsNames = showsNames }

    /// - Parameters:
    ///   - rows: lines that the table has.
    ///   - room: lines of them that the screen has room for.
    package mutating func press(_ key: Key, rows: Int, room: Int) -> Wish? {
        switch key {
        case .character("q"), .character("Q"): return .quit
        case .character("r"): return .reset
        case .character("p"), .character(" "): isPaused.toggle()
        case .character("d"): mode = mode.next
        case .character("n"): showsNames.toggle()
        case .character("s"): sortsByTrouble.toggle()
        case .character("?"), .character("h"): showsHelp.toggle()
        case .escape: showsHelp = false
        case .up, .character("k"): offset -= 1
        case .down, .character("j"): offset += 1
        case .pageUp, .character("b"): offset -= max(1, room - 1)
        case .pageDown, .character("f"): offset += max(1, room - 1)
        case .home, .character("g"): offset = 0
        case .end, .character("G"): offset = rows
        case .character: break
        }
        keepInside(rows: rows, room: room)
        return nil
    }

    /// After rows went away or the screen grew.
    package mutating func keepInside(rows: Int, room: Int) {
        offset = max(0, min(offset, rows - max(1, room)))
    }
}

extension LiveControls.Mode {
    fileprivate var next: Self {
        switch self {
        case .both: .statistics
        case .statistics: .strip
        case .strip: .both
        }
    }
}

extension LiveControls.Key {
    /// The keys in what a terminal sent (ECMA-48; xterm's sequences for keys). What is not known is left out.
    package static func keys(in bytes: [UInt8]) -> [LiveControls.Key] {
        var keys: [LiveControls.Key] = []
        var rest = bytes[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            guard byte == 0x1b else {
                if (0x20..<0x7f).contains(byte) { keys.append(.character(Character(Unicode.Scalar(byte)))) }
                continue
            }
            guard let kind = rest.first, kind == UInt8(ascii: "[") || kind == UInt8(ascii: "O") else {
                keys.append(.escape)
                continue
            }
            // Parameters, then one final byte.
            let parameters = rest.dropFirst().prefix { (0x20...0x3f).contains($0) }
            rest = rest.dropFirst(1 + parameters.count)
            guard let final = rest.first else { return keys }
            rest = rest.dropFirst()
            if let key = key(final, parameters) { keys.append(key) }
        }
        return keys
    }

    private static func key(_ final: UInt8, _ parameters: ArraySlice<UInt8>) -> LiveControls.Key? {
        switch Character(Unicode.Scalar(final)) {
        case "A": .up
        case "B": .down
        case "H": .home
        case "F": .end
        case "~":
            switch String(decoding: parameters, as: UTF8.self) {
            case "1", "7": .home
            case "4", "8": .end
            case "5": .pageUp
            case "6": .pageDown
            default: nil
            }
        default: nil
        }
    }
}
