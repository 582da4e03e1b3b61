/// What a person can do in a continuous view, and how its rows are read.
enum LiveHelp {
    static func lines(_ subject: LivePicture.Subject) -> [String] {
        keys + (subject == .echoes ? ["  s             of many targets, the worst first"] : []) + [""]
            + reading(subject)
    }

    private static let keys = [
        "  q             quit: the report follows on the ordinary screen",
        "  p, space      pause the display; the measurement goes on",
        "  r             begin to count anew",
        "  d             figures and strip, figures alone, strip alone",
        "  n             names on and off",
        "  j k, arrows   scroll; page up, page down, home, end",
        "  ?             this help on and off",
    ]

    private static func reading(_ subject: LivePicture.Subject) -> [String] {
        let times = [
            "Times are round trips in milliseconds. The strip shows the last packets, the",
            "latest at the right: as high as the round trip, from nothing to the slowest",
            "of those shown; × is a packet that nothing answered.",
        ]
        guard subject == .paths else { return times }
        return times + [
            "", "A router forwards packets before it answers any, and answers so many a second:",
            "what is missing at one hop and not behind it is no loss, and is shown dim.",
        ]
    }
}
