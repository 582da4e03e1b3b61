import Diagnosis
import NetValues
import Observations

/// A continuous view of a trace or of echo requests, as the lines of a screen: what it is, what it comes to so far, a row for each
/// hop or target, and the keys.
package struct LivePicture: Sendable {
    package enum Subject: Hashable, Sendable { case paths, echoes }

    package var subject: Subject
    package var tally: LiveTally
    package var elapsed: Duration
    /// Nil before anything was judged.
    package var verdict: LiveVerdict?
    /// Of addresses, as far as they are known.
    package var names: [IPAddress: String]

    package init(
        subject: Subject, tally: LiveTally, elapsed: Duration, verdict: LiveVerdict? = nil,
        names: [IPAddress: String] = [:]
    ) {
        self.subject = subject
        self.tally = tally
        self.elapsed = elapsed
        self.verdict = verdict
        self.names = names
    }

    /// The screen, and how it is used.
    package struct Viewport: Sendable {
        package var columns: Int
        /// Nil for as many as there are, without keys: a page that is printed.
        package var rows: Int?
        package var isUnicode: Bool
        package var color: Bool
        package var controls: LiveControls

        package init(columns: Int, rows: Int?, isUnicode: Bool, color: Bool, controls: LiveControls = LiveControls()) {
            self.columns = columns
            self.rows = rows
            self.isUnicode = isUnicode
            self.color = color
            self.controls = controls
        }
    }

    package struct Page: Sendable {
        /// At most as many as the screen has, none wider than it.
        package var lines: [String]
        /// Of the table, and how many of them there is room for.
        package var rows: Int
        package var room: Int
    }

    package func page(_ viewport: Viewport) -> Page {
        let columns = max(1, viewport.columns)
        if viewport.controls.showsHelp, let rows = viewport.rows {
            let lines = LiveHelp.lines(subject).prefix(max(1, rows))
            return Page(lines: lines.map { cut([TextPage.Run($0)], viewport) }, rows: lines.count, room: rows)
        }
        let top = heading(viewport) + judgement(columns, viewport)
        let table = table(viewport)
        let footer = viewport.rows == nil ? 0 : 1
        let room = viewport.rows.map { max(1, $0 - top.count - 1 - footer) } ?? max(1, table.count)
        var controls = viewport.controls
        controls.keepInside(rows: table.count, room: room)
        let shown = controls.offset..<min(table.count, controls.offset + room)
        let (head, rows) = table.lines(columns, viewport.isUnicode, shown)
        var runs = top + [head] + rows
        if let limit = viewport.rows {
            // On a screen of a few lines the figures matter most, then what they mean.
            if limit < top.count + 3 { runs = Array((limit > 2 ? Array(top.prefix(limit - 2)) : []) + rows) }
            if runs.isEmpty { runs = Array(top.prefix(1)) }
            runs = Array(runs.prefix(max(1, limit - 1)))
            while runs.count < limit - 1 { runs.append([]) }
            if limit > 1 { runs.append(keys(shown, of: table.count, viewport)) }
        }
        return Page(lines: runs.map { cut($0, viewport) }, rows: table.count, room: room)
    }

    /// Runs that stay within the screen.
    private func cut(_ runs: [TextPage.Run], _ viewport: Viewport) -> String {
        var left = max(1, viewport.columns)
        var text = ""
        for run in runs where left > 0 {
            let piece = String(run.text.prefix(columns: left))
            left -= piece.displayWidth
            text += run.paint.applied(to: viewport.isUnicode ? piece : piece.inASCII, color: viewport.color)
        }
        return text
    }

    // MARK: Above the table

    private func heading(_ viewport: Viewport) -> [[TextPage.Run]] {
        var parts = title
        if elapsed > .zero { parts.append(LivePart(elapsed.spoken, worth: 1)) }
        if viewport.controls.isPaused {
            parts.append(LivePart("PAUSED: p goes on; the measurement does not stop", worth: 9))
        }
        return [LivePart.line(parts, gap: " · ", columns: viewport.columns)]
    }

    private var title: [LivePart] {
        switch subject {
        case .paths:
            let paths = tally.paths.joined()
            guard let path = paths.first, paths.count == 1 else {
                return [LivePart("trace", .bold), LivePart(counted(tally.count, "target"), .bold)]
            }
            return [
                LivePart("trace \(PathSection.title(path))", .bold),
                LivePart(counted(path.summary.rounds, "round"), .bold, worth: 2),
            ]
        case .echoes:
            let echoes = tally.echoes.joined()
            let onTheWay = tally.onTheWay.reduce(0, +)
            let packets = echoes.reduce(onTheWay) { $0 + $1.sent }
            let sent =
                [LivePart(counted(packets, "packet"), .bold, worth: 4)]
                + (onTheWay > 0 ? [LivePart("\(grouped(onTheWay)) on the way", .bold, worth: 2)] : [])
            if let only = echoes.first, echoes.count == 1, tally.count == 1 {
                return [LivePart("ping \(EchoSection.title(only))", .bold)] + sent
            }
            let known = packets - onTheWay
            let lost = echoes.reduce(0) { $0 + $1.figures.lost }
            let silent = echoes.count { $0.answered == 0 }
            return [
                LivePart("ping", .bold),
                LivePart("\(counted(tally.count, "target")), \(grouped(silent)) silent", .bold, worth: 5),
            ] + sent
                + (known > 0 ? [LivePart("\((Double(lost) / Double(known)).percentCell) lost", .bold, worth: 6)] : [])
        }
    }

    /// The verdict so far, in two lines at most, and a blank.
    private func judgement(_ columns: Int, _ viewport: Viewport) -> [[TextPage.Run]] {
        let word = verdict?.verdict ?? .inconclusive
        let hasSomething = verdict != nil && tally.hasPackets
        let lead = TextPage.Run(hasSomething ? word.word : "WAITING", hasSomething ? word.paint : .dim)
        let text = hasSomething ? sentence : "for the first answers"
        let first = text.firstLine(of: columns - lead.text.displayWidth - 2)
        var runs: [[TextPage.Run]] = [[lead, TextPage.Run("  \(first)")]]
        let rest = text.dropFirst(first.count).drop { $0 == " " }
        if !rest.isEmpty { runs.append([TextPage.Run("  \(String(rest).cutInMiddle(to: max(1, columns - 2)))")]) }
        return runs + (viewport.rows ?? 24 < 12 ? [] : [[]])
    }

    /// Escaped already, since it is broken into lines.
    private var sentence: String { plainSentence.escaped(limit: 400) }

    private var plainSentence: String {
        if let headline = verdict?.headline {
            let others = verdict?.others ?? 0
            return headline + (others > 0 ? " (and \(counted(others, "further finding")))" : "")
        }
        let remarks = tally.paths.joined().compactMap { path in
            PathRemark.text(of: path).map { tally.count > 1 ? "\(path.name): \($0)" : $0 }
        }
        return remarks.first ?? "nothing found so far"
    }

    // MARK: The table

    private struct Body {
        let count: Int
        let lines: (Int, Bool, Range<Int>) -> (head: [TextPage.Run], rows: [[TextPage.Run]])
    }

    private func table(_ viewport: Viewport) -> Body {
        switch subject {
        case .paths:
            let rows = PathSection.rows(tally, names: viewport.controls.showsNames ? names : [:])
            let table = LiveTable(PathSection.columns, elastic: 1, rows: rows, mode: viewport.controls.mode)
            return Body(count: rows.count) { table.lines(width: $0, isUnicode: $1, range: $2) }
        case .echoes:
            let section = EchoSection(
                tally, names: viewport.controls.showsNames ? names : [:], byTrouble: viewport.controls.sortsByTrouble)
            return Body(count: section.count) { width, isUnicode, range in
                let rows = section.rows(range)
                let table = LiveTable(EchoSection.columns, elastic: 0, rows: rows, mode: viewport.controls.mode)
                return table.lines(width: width, isUnicode: isUnicode, range: rows.indices)
            }
        }
    }

    private func keys(_ shown: Range<Int>, of count: Int, _ viewport: Viewport) -> [TextPage.Run] {
        var parts = [
            LivePart("q quit"), LivePart("p pause", worth: 4), LivePart("r reset", worth: 2),
            LivePart("d display", worth: 3), LivePart("n names", worth: 1),
        ]
        if subject == .echoes, count > 1 { parts.append(LivePart("s worst first", worth: 5)) }
        if shown.count < count {
            parts.append(LivePart("j k scroll (\(shown.lowerBound + 1)-\(shown.upperBound) of \(count))", worth: 6))
        }
        let text = LivePart.line(parts + [LivePart("? help")], gap: "  ", columns: viewport.columns).map(\.text)
        return [TextPage.Run(text.joined(), .dim)]
    }
}

extension String {
    /// Whole words from the start, as many as fit.
    fileprivate func firstLine(of width: Int) -> Substring {
        let fit = prefix(columns: max(0, width))
        guard fit.endIndex < endIndex, self[fit.endIndex] != " " else { return fit }
        return fit.lastIndex(of: " ").map { fit[..<$0] } ?? fit
    }

    /// For terminals that know nothing else: what is ours has a plain form, what is foreign becomes a question mark.
    fileprivate var inASCII: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        return String(
            map { character in
                switch character {
                case "·", "•": "-"
                case "…": "~"
                case "×": "x"
                case "█", "▉", "▊", "▋", "▌": "#"
                case "▍", "▎", "▏": " "
                default: character.isASCII ? character : "?"
                }
            })
    }
}
